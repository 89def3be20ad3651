import { copiesWithHolds } from '#lib/catalog/holds.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { formatCount } from '#lib/domain/units.ts'
import { holdObjectName } from '#lib/engine/seal/hold-object.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { settleHolds } from '../run/settle-holds.ts'
import type { RunContext } from '../run-context.ts'
import type { FoundBackup } from './list-storage.ts'

/** What holds a backup stands beside each copy, and what stands there in the catalogue: looked at where either of both says that there is one. */
export async function checkKnownHolds(
  context: RunContext,
  options: { storageId: string; storageName: string; driver: StorageDriver; backups: ReadonlyMap<string, FoundBackup> },
): Promise<Finding[]> {
  const { storageName: storage, driver, backups } = options
  const beside = [...backups.values()].filter((found) => found.hasManifest && found.objects.has(holdObjectName)).map((found) => found.path)
  let adopted = 0
  const problems: { path: string; problem: string }[] = []
  for (const copy of await copiesWithHolds(context.catalog, options.storageId, beside)) {
    context.signal.throwIfAborted()
    if (!backups.has(copy.path)) continue
    try {
      const settled = await settleHolds(context, driver, { backupId: copy.backup_id, path: copy.path })
      adopted += settled.adopted
      if (settled.storageHold === 'refused') problems.push({ path: copy.path, problem: 'the storage does not let us set its own legal hold' })
    } catch (error) {
      context.signal.throwIfAborted()
      const problem = asLifeboatError(error)
      // the catalogue's or the network's trouble says nothing about one copy
      if (!['corrupt', 'missing', 'wrong_key', 'key_missing', 'storage_refused'].includes(problem.code)) throw error
      problems.push({ path: copy.path, problem: problem.message })
    }
  }
  const findings: Finding[] = []
  if (adopted > 0) {
    const message = `${formatCount(adopted, 'hold')} on ${storage} stood beside a copy and not in the catalogue. The catalogue has them again.`
    findings.push({
      severity: 'warning',
      code: 'holds_adopted',
      message,
      remedy: 'Look whether each still holds: lifeboat hold list.',
      overridable: false,
    })
  }
  if (problems.length > 0) {
    const message = `The holds of ${formatCount(problems.length, 'copy', 'copies')} on ${storage} could not be written beside them: ${problems[0]?.path ?? ''}: ${problems[0]?.problem ?? ''}`
    const remedy = 'They count in the catalogue all the same. Look at the cause: a rebuilt catalogue would not know them from this storage.'
    findings.push({ severity: 'warning', code: 'holds_not_written', message, remedy, overridable: false })
  }
  return findings
}
