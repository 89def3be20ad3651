import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { getCopy, listCopiesOnStorage, updateCopyWhile } from '#lib/catalog/copies.ts'
import type { SeenDrift } from '#lib/catalog/storage-drift.ts'
import { entryName } from '#lib/domain/names.ts'
import type { CopyState } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { busyBackups } from './busy-backups.ts'
import { type FoundBackup, lookAgain } from './list-storage.ts'
import { removeUnclaimed } from './remove-unclaimed.ts'

/** States in which the catalogue promises that a manifest lies on the storage. */
const promised: readonly CopyState[] = ['stored', 'verified', 'retained']

/** States of a copy of which something was found to be wrong. */
const lost: readonly CopyState[] = ['missing', 'corrupt']

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
  /** copies of which something is not there */
  drift: SeenDrift[]
}

type KnownCopy = Awaited<ReturnType<typeof listCopiesOnStorage>>[number]

/** Holds what the catalogue says of a storage against what it holds. Writes nothing on a dry run. */
export async function checkKnownCopies(
  context: RunContext,
  options: { storageId: string; driver: StorageDriver; backups: ReadonlyMap<string, FoundBackup> },
): Promise<KnownCopies> {
  const { storageId, driver, backups } = options
  const result: KnownCopies = { missing: [], returned: [], removed: [], unrecorded: [], known: new Set(), drift: [] }
  const copies = await listCopiesOnStorage(context.catalog, storageId)
  // asked after the copies: a backup that begins between the two questions must not look like one that is over
  const busy = await busyBackups(context)
  for (const copy of copies) {
    // what is deleted is nobody's any more: whatever still lies there is looked at as anything else
    if (copy.state === 'deleted') continue
    result.known.add(copy.path)
    // a deletion goes on until nothing is left, and nobody reads it in between
    if (copy.state === 'delete_pending') continue
    if (absentEntries(copy, backups.get(copy.path) ?? null)?.length === 0 && promised.includes(copy.state)) continue
    // a backup may have ended since the storage was listed: what is about to be judged is looked at again
    const found = await lookAgain(driver, copy.path, context.signal)
    const absent = absentEntries(copy, found)
    if (absent?.length === 0 && promised.includes(copy.state)) continue
    // judged is only what still stands as it was read: a backup or a verification may have ended in the meantime
    if ((await getCopy(context.catalog, copy.id))?.state !== copy.state) continue
    if (promised.includes(copy.state)) {
      result.missing.push(copy.path)
      if (!context.dryRun)
        await updateCopyWhile(context.catalog, copy.id, promised, { state: 'missing', problem: await goneText(context, copy.id, absent) })
      result.drift.push(missingObjects(copy, found, absent))
    } else if (lost.includes(copy.state)) {
      if (absent === null || absent.length > 0) result.drift.push(missingObjects(copy, found, absent))
      else if (copy.state === 'missing') {
        result.returned.push(copy.path)
        if (!context.dryRun) await updateCopyWhile(context.catalog, copy.id, ['missing'], { state: 'stored', problem: null, verified_at: null })
      }
    } else if (unfinished.includes(copy.state) && !busy.has(copy.backup_id)) {
      if (found?.hasManifest) result.unrecorded.push(copy.path)
      // a finished backup's copy may wait for its storage; it is made when its time comes
      else if (found !== null || (copy.state !== 'failed' && !(copy.state === 'waiting' && copy.finished_at !== null))) {
        if (!context.dryRun && !(await removeUnfinished(context, driver, copy))) continue
        result.removed.push(copy.path)
      }
    }
  }
  return result
}

/** false: somebody works at it by now, and it was left to them. */
async function removeUnfinished(context: RunContext, driver: StorageDriver, copy: KnownCopy): Promise<boolean> {
  const isFree = async () => !(await busyBackups(context)).has(copy.backup_id) && (await getCopy(context.catalog, copy.id))?.state === copy.state
  if (!(await removeUnclaimed(context, driver, { path: copy.path, isFree }))) return false
  // the attempt is over, so its unfinished uploads are nobody's, however young
  await driver.sweep(`${copy.path}/`, new Date(Date.now() + 60_000), { signal: context.signal })
  if (copy.state === 'storing' || copy.finished_at === null) {
    await updateCopyWhile(context.catalog, copy.id, [copy.state], { state: 'failed', problem: 'The backup ended before this copy was whole.' })
  }
  return true
}

/** Names of entries that are not there; empty: all of it is there. null: not even the manifest is. */
function absentEntries(copy: KnownCopy, found: FoundBackup | null): string[] | null {
  if (found === null || !found.hasManifest) return null
  const entries = [...found.objects].filter(([name]) => entryObject.test(name))
  if (entries.length < copy.entries) {
    const present = new Set(entries.map(([name]) => name))
    return Array.from({ length: copy.entries }, (_, at) => entryName(at + 1)).filter((name) => !present.has(name))
  }
  // the catalogue knows the size of the whole copy: which entry was cut off only a verify can tell
  const bytes = entries.reduce((sum, [, size]) => sum + size, 0)
  return bytes < copy.stored_bytes ? ['part of an entry'] : []
}

const entryObject = /^e\d{6}$/

function missingObjects(copy: KnownCopy, found: FoundBackup | null, absent: string[] | null): SeenDrift {
  return {
    kind: 'missing_objects',
    path: copy.path,
    objects: found?.objects.size ?? 0,
    bytes: found?.bytes ?? 0,
    detail: { backupId: copy.backup_id, entries: (absent ?? []).slice(0, 20) },
  }
}

/** On a storage that keeps versions, what was stored may still lie behind a delete marker; only a verify reads it. */
async function goneText(context: RunContext, copyId: string, absent: string[] | null): Promise<string> {
  const gone = absent === null ? 'Its manifest is not on the storage any more.' : `Not there any more: ${absent.slice(0, 5).join(', ')}.`
  return (await copyVersions(context.catalog, copyId)) === null
    ? gone
    : `${gone} The version that was stored may still be there: verify the backup to see.`
}
