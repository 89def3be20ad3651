import type { PruningPause } from '#lib/catalog/retention-settings.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { RetentionPlan } from '#lib/domain/retention/types.ts'
import { formatCount, formatUtc } from '#lib/domain/units.ts'
import type { Deletion } from '../run/delete-copy.ts'
import type { Unseen } from './plan-storage.ts'

/** What there is to say of a run beyond what it deleted. A lock is no trouble: it is respected, once, and said. */
export function pruneFindings(plan: RetentionPlan, ended: readonly { deletion: Deletion; name: string }[], pause: PruningPause | null): Finding[] {
  const findings: Finding[] = []
  const of = <Outcome extends Deletion['outcome']>(outcome: Outcome) =>
    ended.flatMap(({ deletion, name }) =>
      deletion.outcome === outcome ? [{ name, deletion: deletion as Extract<Deletion, { outcome: Outcome }> }] : [],
    )
  if (pause !== null) {
    findings.push(
      finding(
        'warning',
        'pruning_paused',
        `Pruning is off since ${formatUtc(pause.since)}: ${pause.reason}.`,
        'An admin looks at this list and resumes pruning.',
      ),
    )
  }
  const capped = plan.copies.filter((one) => one.reasons.some((reason) => reason.kind === 'cap')).length
  if (capped > 0) {
    findings.push(
      finding(
        'info',
        'capped',
        `${formatCount(capped, 'more copy', 'more copies')} may go, and wait: one run deletes only so many.`,
        'The next runs take them.',
      ),
    )
  }
  const retained = of('retained')
  if (retained.length > 0) {
    const latest = retained.map((one) => one.deletion.until?.getTime() ?? 0).sort((a, b) => b - a)[0] ?? 0
    findings.push(
      finding(
        'info',
        'retained',
        `${formatCount(retained.length, 'copy is', 'copies are')} kept by a lock of the storage${latest === 0 ? '' : `, the longest until ${formatUtc(new Date(latest))}`}.`,
        'They are not tried again before.',
      ),
    )
  }
  const spared = of('spared')
  if (spared.length > 0) {
    findings.push(
      finding('info', 'spared', `${formatCount(spared.length, 'copy stays', 'copies stay')} after all: ${spared[0]?.deletion.why ?? ''}`, ''),
    )
  }
  const hidden = of('deleted').filter((one) => one.deletion.hidden > 0)
  if (hidden.length > 0) {
    findings.push(
      finding(
        'warning',
        'kept_as_versions',
        `The bucket keeps the bytes of ${formatCount(hidden.length, 'copy', 'copies')} as older versions: they are hidden, and the room is not free.`,
        'Allow Lifeboat to list and delete versions, or let a lifecycle rule of the bucket remove versions that are not current.',
      ),
    )
  }
  for (const { name, deletion } of of('pending').slice(0, 10)) {
    findings.push(
      finding(
        'warning',
        'not_deleted',
        `The deletion of ${name} was begun and is not done: ${deletion.problem.message}`,
        `The next run goes on with it. ${deletion.problem.hint}`.trim(),
      ),
    )
  }
  return findings
}

/** The medium does not hold what the catalogue says: of these databases nothing goes before somebody has looked. */
export function unseenFinding(storage: string, databases: readonly string[], unseen: readonly Unseen[]): Finding {
  const sum = (of: 'absent' | 'counted') => unseen.reduce((total, one) => total + one[of], 0)
  const first = databases.slice(0, 5).join(', ')
  const names = databases.length > 5 ? `${first} and ${formatCount(databases.length - 5, 'more database')}` : first
  return finding(
    'warning',
    'copies_not_there',
    `Nothing of ${names} was deleted on ${storage}: of ${formatCount(sum('counted'), 'copy', 'copies')} that the rules count there, ${formatCount(sum('absent'), 'is', 'are')} not there, although the catalogue says verified.`,
    `See whether ${storage} is what it should be: another disk, an old mirror or a bucket that was put back looks like this. Then reconcile it: what is missing is written down and counts no more.`,
  )
}

function finding(severity: Finding['severity'], code: string, message: string, remedy: string): Finding {
  return { severity, code, message, remedy, overridable: false }
}
