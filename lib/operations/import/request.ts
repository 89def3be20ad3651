import type { Kysely } from 'kysely'
import { getDatabase } from '#lib/catalog/databases.ts'
import { importsEnabled } from '#lib/catalog/imports.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { enqueueOperation } from '../enqueue.ts'
import { directoriesNeeded, storagesFor } from '../storages-for.ts'
import { importDefinition } from './definition.ts'

export interface ImportRequest {
  databaseId: string
  /** a path for `machine`, a name for `imports` */
  place: 'machine' | 'imports'
  file: string
  keyFile?: string | null
  /** absent or empty: every storage that the database may use */
  storageIds?: readonly string[]
  force?: boolean
  dryRun?: boolean
  /** the process that is to do it: with `machine`, only that one sees the file */
  workerId?: string
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `refused` (imports are off), `not_found`, `usage` (no storage, no process named for a path), `conflict`; `refused` also where copies may not lie there. */
export async function requestImport(catalog: Kysely<Catalog>, actor: Actor, request: ImportRequest): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'import.run')) throw new LifeboatError('forbidden', reasonDenied('import.run'))
  if (!(await importsEnabled(catalog))) throw importsAreOff()
  const database = maySee(actor, request.databaseId) ? await getDatabase(catalog, request.databaseId) : null
  if (database === null || database.removed_at !== null) throw new LifeboatError('not_found', 'There is no such database.')
  if (request.place === 'machine' && request.workerId === undefined) {
    throw new LifeboatError(
      'usage',
      'A path means something on one machine only.',
      'Put the file into the worker’s directory for imports and name it.',
    )
  }
  const storages = await storagesFor(catalog, database, request.storageIds)
  return enqueueOperation(catalog, {
    definition: importDefinition,
    input: {
      databaseId: database.id,
      databaseName: database.name,
      storageIds: storages.map((storage) => storage.id),
      place: request.place,
      file: request.file,
      keyFile: request.keyFile ?? null,
      force: request.force ?? false,
    },
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: database.id,
    // a storage that the one process does not reach costs its copy, and is no reason to wait
    needs: request.workerId === undefined ? { storageIds: directoriesNeeded(storages) } : { workerId: request.workerId },
  })
}

function importsAreOff(): LifeboatError {
  return new LifeboatError(
    'refused',
    'Imports are off: a dump that somebody else made is a program, and importing it runs it.',
    'An admin turns them on with: lifeboat import on',
  )
}
