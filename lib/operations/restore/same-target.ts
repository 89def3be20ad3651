import { LifeboatError } from '#lib/domain/errors.ts'
import type { TargetFingerprint } from '#lib/domain/plan.ts'

/**
 * What was confirmed must be what is there now: host, port, server, database and its OID, in recovery or not (FAULTS 49). An identity that
 * the server did not show when it was confirmed is not asked for. Throws `target_changed`, before anything was touched.
 */
export function refuseOtherTarget(seen: TargetFingerprint | null, confirmed: TargetFingerprint | null): void {
  if (confirmed === null || seen === null) return
  const changed = changeOf(seen, confirmed)
  if (changed === null) return
  throw new LifeboatError(
    'target_changed',
    `The target is not what the dry run saw: ${changed}.`,
    'Nothing was touched. Run the dry run again and confirm its plan.',
  )
}

function changeOf(seen: TargetFingerprint, confirmed: TargetFingerprint): string | null {
  if (seen.host !== confirmed.host || seen.port !== confirmed.port) return 'it has another address'
  if (confirmed.systemIdentifier !== null && seen.systemIdentifier !== confirmed.systemIdentifier) return 'another server answers at its address'
  if (confirmed.dbname !== null && seen.dbname !== confirmed.dbname) return 'it is a database of another name'
  if (confirmed.oid !== null && seen.oid !== confirmed.oid) return 'another database has its name now'
  if (seen.inRecovery !== confirmed.inRecovery) return seen.inRecovery ? 'it is a standby now' : 'it is no standby any more'
  return null
}
