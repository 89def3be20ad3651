import type { Kysely } from 'kysely'
import { z } from 'zod'
import { getDrift } from '#lib/catalog/storage-drift.ts'
import { getBackup } from '#lib/catalog/backups.ts'
import { type CopyRow, listCopies, restorableCopies } from '#lib/catalog/copies.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getStorage, listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { residencyProblem } from '#lib/domain/residency.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { copyDefinition } from './definition.ts'
import { waitForMedium } from './wait-for-medium.ts'

export interface CopyRequest {
  backupId: string
  /** where to */
  storageId: string
  /** read first; with `move`, what goes. Absent: the most trusted, and with `move` the only other one */
  fromCopyId?: string | null
  move?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/**
 * `id` null: the storage is an offline medium that is not there, and the copy waits for it. Throws `forbidden`, `not_found` (also for what
 * the actor may not see), `usage` (which copy is to be moved?), `refused` (it may not lie there, nothing can be read), `conflict`.
 */
export async function requestCopy(catalog: Kysely<Catalog>, actor: Actor, request: CopyRequest): Promise<{ id: string | null; existing: boolean }> {
  const { move = false } = request
  const permission = move ? 'copy.move' : 'copy.run'
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))
  const backup = await getBackup(catalog, request.backupId)
  if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
  if (backup.finished_at === null) throw new LifeboatError('refused', `${backup.name} is not finished.`, 'Wait until it is stored.')
  const storage = await getStorage(catalog, request.storageId)
  if (storage === null || storage.removed_at !== null) throw new LifeboatError('not_found', 'There is no such storage.', 'lifeboat storage list')
  const database = await getDatabase(catalog, backup.database_id)
  const elsewhere = database === null ? null : residencyProblem({ name: database.name, allowedRegions: database.allowed_regions }, storage)
  if (elsewhere !== null) throw elsewhere

  const copies = await listCopies(catalog, backup.id)
  const there = copies.find((copy) => copy.storage_id === storage.id) ?? null
  refuseWhatIsThere(there, storage, move)
  const restorable = await restorableCopies(catalog, backup.id)
  const sources = copies.filter((copy) => copy.id !== there?.id && restorable.has(copy.id))
  if (sources.length === 0)
    throw new LifeboatError('refused', `${backup.name} has no other copy that can be read.`, 'Bring its storage back, or take another backup.')
  const from = sourceOf(sources, request.fromCopyId ?? null, move)
  if (await waitForMedium(catalog, actor, { backup, storage, there, move })) return { id: null, existing: false }
  return enqueueOperation(catalog, {
    definition: copyDefinition,
    input: {
      backupId: backup.id,
      backupName: backup.name,
      fromCopyId: from?.id ?? null,
      storageId: storage.id,
      storageName: storage.name,
      move,
    },
    requester: actor,
    via: request.via,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: backup.database_id,
    backupId: backup.id,
    storageId: storage.id,
    needs: { storageIds: await directoriesOf(catalog, storage, from === null ? sources : [from]) },
  })
}

function refuseWhatIsThere(there: CopyRow | null, storage: StorageRow, move: boolean): void {
  if (there?.state === 'delete_pending')
    throw new LifeboatError('conflict', `The copy on ${storage.name} is being deleted.`, 'Wait until it is gone, then ask again.')
  // to be moved onto a good copy only takes the other one away, after the good one was read back
  if (there !== null && isReadable(there) && !move)
    throw new LifeboatError('conflict', `There is a copy on ${storage.name} already.`, 'Verify it, to be sure that it is good.')
}

/** null: whichever is the most trusted. */
function sourceOf(sources: readonly CopyRow[], fromCopyId: string | null, move: boolean): CopyRow | null {
  if (fromCopyId === null) {
    const [only] = sources
    if (!move) return null
    if (only !== undefined && sources.length === 1) return only
    throw new LifeboatError('usage', 'This backup has several copies.', 'Say which one is to be moved.')
  }
  const found = sources.find((copy) => copy.id === fromCopyId)
  if (found === undefined) throw new LifeboatError('not_found', 'That copy cannot be read, or is on the same storage.', 'Choose another one.')
  return found
}

/** The directories that a worker must reach: where it goes, and one where it can be read unless a bucket holds it too. */
async function directoriesOf(catalog: Kysely<Catalog>, storage: StorageRow, sources: readonly CopyRow[]): Promise<string[]> {
  const kinds = new Map((await listStorages(catalog)).map((one) => [one.id, one]))
  const known = sources.flatMap((copy) => kinds.get(copy.storage_id) ?? [])
  const best = known.some((one) => one.kind === 's3') ? undefined : (known.find((one) => one.medium === 'online') ?? known[0])
  return [...(storage.kind === 'local' ? [storage.id] : []), ...(best === undefined ? [] : [best.id])]
}

function isReadable(copy: CopyRow): boolean {
  return (readableCopyStates as readonly string[]).includes(copy.state)
}

const ofBackup = z.object({ backupId: z.uuid() })

/** A copy that lacks objects is made whole from a good one. Throws `not_found` (it is not drift any more), and what requestCopy throws. */
export async function requestRepair(
  catalog: Kysely<Catalog>,
  actor: Actor,
  of: Pick<CopyRequest, 'storageId' | 'via' | 'idempotencyKey'> & { path: string },
): Promise<string> {
  const row = await getDrift(catalog, of.storageId, { kind: 'missing_objects', path: of.path })
  const known = ofBackup.safeParse(row?.detail)
  if (!known.success)
    throw new LifeboatError('not_found', `Nothing is missing at ${of.path} any more.`, 'Reconcile the storage to see how it is now.')
  const { id } = await requestCopy(catalog, actor, {
    backupId: known.data.backupId,
    storageId: of.storageId,
    via: of.via,
    idempotencyKey: of.idempotencyKey ?? null,
  })
  if (id === null)
    throw new LifeboatError('storage_absent', 'The storage is not there; the copy is made whole when it is back.', 'Nothing else is to do.')
  return id
}
