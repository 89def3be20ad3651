import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { getCopy, listCopiesOnStorage, updateCopy } from '#lib/catalog/copies.ts'
import { type CopyState, openOperationStates } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import type { FoundBackup } from './list-storage.ts'

/** States in which the catalogue promises that a manifest lies on the storage. */
const promised: readonly CopyState[] = ['stored', 'verified', 'retained']

/** States of a copy that never became one, once its backup is over. */
const unfinished: readonly CopyState[] = ['storing', 'waiting', 'failed']

export interface KnownCopies {
  /** paths whose manifest is gone; their copies were marked missing */
  missing: string[]
  /** paths that were missing and are back; to be verified again */
  returned: string[]
  /** paths of attempts that ended without a manifest; their objects were removed */
  removed: string[]
  /** paths of attempts that died between the manifest and the catalogue: to be adopted */
  unrecorded: string[]
  known: Set<string>
}

/** Holds what the catalogue says of a storage against what it holds. Writes nothing on a dry run. */
export async function checkKnownCopies(
  context: RunContext,
  options: { storageId: string; driver: StorageDriver; backups: ReadonlyMap<string, FoundBackup> },
): Promise<KnownCopies> {
  const { storageId, driver, backups } = options
  const result: KnownCopies = { missing: [], returned: [], removed: [], unrecorded: [], known: new Set() }
  const copies = await listCopiesOnStorage(context.catalog, storageId)
  // asked after the copies: a backup that begins between the two questions must not look like one that is over
  const running = await runningBackups(context)
  for (const copy of copies) {
    result.known.add(copy.path)
    const found = backups.get(copy.path)
    // a backup may have ended since the storage was listed: what is about to be judged is looked at again
    const hasManifest = found?.hasManifest || (await driver.head(`${copy.path}/manifest`, { signal: context.signal })) !== null
    if (promised.includes(copy.state) && hasManifest) continue
    // judged is only what still stands as it was read: a backup or a verification may have ended in the meantime
    if ((await getCopy(context.catalog, copy.id))?.state !== copy.state) continue
    if (promised.includes(copy.state)) {
      result.missing.push(copy.path)
      if (!context.dryRun) await updateCopy(context.catalog, copy.id, { state: 'missing', problem: await goneText(context, copy.id) })
    } else if (copy.state === 'missing' && hasManifest) {
      result.returned.push(copy.path)
      if (!context.dryRun) await updateCopy(context.catalog, copy.id, { state: 'stored', problem: null, verified_at: null })
    } else if (unfinished.includes(copy.state) && !running.has(copy.backup_id)) {
      if (hasManifest) result.unrecorded.push(copy.path)
      else if (found !== undefined || copy.state !== 'failed') {
        result.removed.push(copy.path)
        if (context.dryRun) continue
        for (const name of found?.objects.keys() ?? []) await driver.remove(`${copy.path}/${name}`, { signal: context.signal })
        // the attempt is over, so its unfinished uploads are nobody's, however young
        await driver.sweep(`${copy.path}/`, new Date(Date.now() + 60_000), { signal: context.signal })
        if (copy.state !== 'failed')
          await updateCopy(context.catalog, copy.id, { state: 'failed', problem: 'The backup ended before this copy was whole.' })
      }
    }
  }
  return result
}

/** On a storage that keeps versions, what was stored may still lie behind a delete marker; only a verify reads it. */
async function goneText(context: RunContext, copyId: string): Promise<string> {
  const gone = 'Its manifest is not on the storage any more.'
  return (await copyVersions(context.catalog, copyId)) === null
    ? gone
    : `${gone} The version that was stored may still be there: verify the backup to see.`
}

/** Backups whose operation is still at work: their copies are not judged. */
async function runningBackups(context: RunContext): Promise<Set<string>> {
  const rows = await context.catalog
    .selectFrom('backups')
    .innerJoin('operations', 'operations.id', 'backups.operation_id')
    .select('backups.id')
    .where('backups.finished_at', 'is', null)
    .where('operations.state', 'in', openOperationStates)
    .execute()
  return new Set(rows.map((row) => row.id))
}
