import type { SwapRow } from '#lib/catalog/swaps.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { DatabaseState } from '#lib/engine/postgres/rename-database.ts'
import type { SwapFacts } from '#lib/engine/postgres/swap-facts.ts'
import type { Written, WrittenTable } from '#lib/engine/postgres/written-since.ts'

/** Is the kept database what it was when it was put aside? */
export function aboutKept(kept: DatabaseState | null, swap: SwapRow, sessions: number): Finding[] {
  if (kept === null) {
    return [
      blocker(
        'kept_gone',
        `${swap.kept_name} (OID ${swap.live_oid}) is gone from the server: somebody dropped it.`,
        'There is nothing left to undo.',
      ),
    ]
  }
  if (kept.name !== swap.kept_name) {
    return [
      blocker(
        'kept_renamed',
        `The kept database (OID ${swap.live_oid}) is called ${kept.name} now, and was put aside as ${swap.kept_name}.`,
        `Somebody uses it otherwise. To undo the swap by Lifeboat, rename it to ${swap.kept_name} first.`,
      ),
    ]
  }
  if (kept.allowsConnections || sessions > 0) {
    return [
      blocker(
        'kept_open',
        `${swap.kept_name} was opened by somebody since the swap${sessions > 0 ? `, and ${sessions === 1 ? 'a session is' : `${sessions} sessions are`} in it` : ''}: it may hold what nothing else holds.`,
        'Look at it first, then close it again: ALTER DATABASE … ALLOW_CONNECTIONS false.',
      ),
    ]
  }
  return [info('kept', `${swap.kept_name} is there, closed, as it was put aside.`)]
}

/** Is the live name still that of the database that the swap put there? */
export function aboutLive(facts: SwapFacts, swap: SwapRow): Finding[] {
  if (facts.inRecovery)
    return [blocker('read_only_server', 'The server is a standby now: nothing can be renamed there.', 'Choose the primary server.')]
  if (facts.live === null) {
    return [
      blocker(
        'live_gone',
        `There is no database ${swap.live_name} any more.`,
        `By hand: ALTER DATABASE ${swap.kept_name} RENAME TO ${swap.live_name}; then ALTER DATABASE ${swap.live_name} ALLOW_CONNECTIONS true.`,
      ),
    ]
  }
  if (facts.live.oid === swap.restored_oid) return []
  return [
    blocker(
      'live_other',
      `${swap.live_name} is another database now (OID ${facts.live.oid}) than the one that this swap put there (OID ${swap.restored_oid}).`,
      'It was swapped or replaced again since. Undo the newer swap first.',
    ),
  ]
}

/** What is in the newer database only: told as far as the server counted it. */
export function aboutWritten(written: Written, swap: SwapRow, keptName: string): Finding[] {
  const stays = `It stays in that database, which is kept as ${keptName}; ${swap.live_name} will not have it.`
  if (!written.known) {
    return [
      warning(
        'written_unknown',
        `What was written to ${swap.live_name} since the swap is unknown: ${written.why} ${stays}`,
        'Compare the two databases before you swap back, or carry over what you need afterwards.',
      ),
    ]
  }
  if (written.tables.length === 0) {
    return [
      info(
        'written_since',
        `The server counted nothing written to ${swap.live_name} since the swap. Values of sequences and definitions it does not count.`,
      ),
    ]
  }
  return [
    warning(
      'written_since',
      `Written to ${swap.live_name} since the swap, as the server counted: ${listed(written.tables)}. ${stays}`,
      'Carry over afterwards what you need from it. Values of sequences and definitions are not counted.',
    ),
  ]
}

function listed(tables: readonly WrittenTable[]): string {
  const words = tables.slice(0, 10).map(({ schema, table, what, ...counts }) => {
    const rows = `${counts.inserted} inserted, ${counts.updated} updated, ${counts.deleted} deleted`
    return `${schema}.${table} ${what === 'written' ? `(${rows})` : what === 'dropped' ? '(dropped)' : `(${what}; ${rows})`}`
  })
  return tables.length > 10 ? `${words.join(', ')} and ${tables.length - 10} more tables` : words.join(', ')
}

export function blocker(code: string, message: string, remedy: string): Finding {
  return { severity: 'blocker', code, message, remedy, overridable: false }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: true }
}

function info(code: string, message: string): Finding {
  return { severity: 'info', code, message, remedy: '', overridable: false }
}
