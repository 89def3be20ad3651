import type { Finding } from '#lib/domain/plan.ts'
import type { Resealed } from '../run/reseal-secrets.ts'
import type { Forgotten } from './forget-old.ts'

export type RewrapCounts = Record<Forgotten, number> & {
  looked: number
  /** copies that got one more key object */
  added: number
  failed: number
  problems: { path: string; problem: string }[]
}

export function emptyCounts(): RewrapCounts {
  return { looked: 0, added: 0, failed: 0, problems: [], nothing: 0, forgotten: 0, hidden: 0, locked: 0, held: 0 }
}

/** What is still sealed by older keys when the run is over, so that nobody destroys one too early. */
export function aboutLeftBehind(
  storage: string,
  newest: string,
  { counts, left }: { counts: RewrapCounts; left: { onlyOld: number; locked: number; lockedUntil: Date | null } },
): Finding[] {
  const findings: Finding[] = []
  if (left.onlyOld > 0) {
    const message = `${copies(left.onlyOld)} on ${storage} still open only with an older key than ${newest}.`
    findings.push(
      finding('warning', 'only_old_key', message, 'Keep the older key. Look at the copies that are named, then seal the keys anew again.'),
    )
  }
  const locked = Math.max(left.locked, counts.locked)
  if (locked > 0) {
    const until = left.lockedUntil === null ? 'until its lock ends' : `until ${left.lockedUntil.toISOString().slice(0, 10)} at least`
    const message = `${copies(locked)} on ${storage} stay readable with the older key ${until}: a lock forbids removing the key objects.`
    findings.push(finding('info', 'locked_old_key', message, 'Whoever has the older key can read them until then. Nothing can change that.'))
  }
  if (counts.held > 0) {
    const message = `${copies(counts.held)} on ${storage} keep their older key objects: somebody holds them.`
    findings.push(finding('info', 'held_old_key', message, 'Release the hold, then forget the old keys again.'))
  }
  if (counts.hidden > 0) {
    const message = `The older key objects of ${copies(counts.hidden)} on ${storage} are hidden, not gone: the bucket keeps them as older versions.`
    const remedy = 'The older key opens them until a lifecycle rule of the bucket removes versions that are not current.'
    findings.push(finding('info', 'hidden_old_key', message, remedy))
  }
  for (const { path, problem } of counts.problems.slice(0, 5)) {
    findings.push(finding('warning', 'not_rewrapped', `${path} was left as it is: ${problem}`, 'Verify this backup.'))
  }
  return findings
}

export function aboutSecrets({ waitingFor, unopened }: Resealed): Finding[] {
  const findings: Finding[] = []
  if (waitingFor.length > 0) {
    const names = [...new Set(waitingFor.map((worker) => worker.host))].join(', ')
    const message = `Workers that do not have the newest key yet: ${names}. The passwords in the catalogue stay sealed to an older key for them.`
    findings.push(finding('warning', 'key_not_everywhere', message, 'Bring the newest key there; what is left is sealed anew by the next run.'))
  }
  for (const { place, problem } of unopened) {
    findings.push(finding('warning', 'secret_not_resealed', `The secret of ${place} was left as it is: ${problem}`, 'Type it in again.'))
  }
  return findings
}

function copies(count: number): string {
  return count === 1 ? '1 copy' : `${count} copies`
}

function finding(severity: Finding['severity'], code: string, message: string, remedy: string): Finding {
  return { severity, code, message, remedy, overridable: false }
}
