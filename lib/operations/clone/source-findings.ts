import type { Finding } from '#lib/domain/plan.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { CloneFacts } from '#lib/engine/postgres/clone-facts.ts'
import type { Preflight } from '#lib/engine/postgres/preflight.ts'

/** What the source says about being cloned, beyond what stands in the way of a backup of it. Pure. */
export function sourceFindings(facts: CloneFacts, source: Pick<Preflight, 'server' | 'tables'>): Finding[] {
  const findings: Finding[] = [
    info(
      'source',
      `${formatCount(source.tables.length)} tables, ${formatBytes(source.server?.databaseBytes ?? 0)}, are read as they are at one moment; what is written meanwhile is not in the clone.`,
    ),
  ]
  if (facts.inRecovery) {
    findings.push(
      warning(
        'source_standby',
        'The source is a standby: it ends a long reading when it has to replay what the primary cleaned up.',
        'Raise max_standby_streaming_delay or switch hot_standby_feedback on there, or clone from the primary.',
      ),
    )
    if (facts.unlogged > 0) {
      findings.push(
        warning(
          'unlogged_rows',
          `A standby has no rows of unlogged tables: ${facts.unlogged} ${facts.unlogged === 1 ? 'table or sequence comes' : 'tables and sequences come'} back empty.`,
          'Clone from the primary if those rows matter. The result lists them.',
        ),
      )
    }
  }
  if (facts.subscriptions > 0) {
    findings.push(
      warning(
        'subscriptions',
        `The source has ${facts.subscriptions === 1 ? 'a subscription' : `${facts.subscriptions} subscriptions`}, which the clone gets without a connection.`,
        'Before one is switched on in the clone, give it a replication slot of its own, or it takes over that of the source.',
      ),
    )
  }
  // every one of them is locked at once, and others need locks too
  if (facts.relations > facts.lockRoom * 0.8) {
    findings.push({
      severity: 'blocker',
      code: 'locks',
      message: `The clone locks ${formatCount(facts.relations)} tables of the source at once, and its server has room for about ${formatCount(facts.lockRoom)} locks.`,
      remedy:
        'Raise max_locks_per_transaction there, which takes a restart. Overridden, it may run out of shared memory; the source loses nothing by that.',
      overridable: true,
    })
  }
  return findings
}

function info(code: string, message: string): Finding {
  return { severity: 'info', code, message, remedy: '', overridable: false }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: true }
}
