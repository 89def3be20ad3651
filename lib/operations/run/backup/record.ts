import { sql } from 'kysely'
import { deleteBackup, insertBackup, latestBackup } from '#lib/catalog/backups.ts'
import { insertCopy } from '#lib/catalog/copies.ts'
import { recordVersions } from '#lib/catalog/copy-versions.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { noteUsage } from '#lib/catalog/storage-usage.ts'
import { noteSeen } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Tier } from '#lib/domain/states.ts'
import { readLock } from '../read-lock.ts'
import { recordManifest } from '../record-manifest.ts'
import type { RunContext } from '../../run-context.ts'
import { living, type Target } from './fan-out.ts'
import type { BegunBackup } from './store-manifest.ts'

/** The row and its copies exist before the first byte is written, so that a killed attempt is known by its path. */
export async function recordBegun(
  context: RunContext,
  options: { backup: BegunBackup; database: DatabaseRow; targets: readonly Target[]; keyId: string; origin: Manifest['origin'] | null },
): Promise<void> {
  const { backup, targets } = options
  await context.assertCurrent()
  await context.catalog.transaction().execute(async (trx) => {
    const row = await insertBackup(trx, {
      id: backup.id,
      name: backup.name,
      path: backup.path,
      database_id: options.database.id,
      tier: backup.tier as Tier,
      attempt: backup.attempt,
      operation_id: context.operationId,
      created_at: backup.snapshotAt,
      key_id: options.keyId,
      origin: options.origin ? JSON.stringify(options.origin) : null,
    })
    if (row === null) throw new LifeboatError('conflict', `A backup at ${backup.path} is known already.`, 'Run the backup again.')
    for (const target of targets) {
      await insertCopy(trx, {
        backup_id: backup.id,
        storage_id: target.storageId,
        ...(target.problem === null ? { state: 'storing' as const, problem: null } : unmade(target, target.problem)),
      })
    }
    await trx.updateTable('operations').set({ backup_id: backup.id }).where('id', '=', context.operationId).execute()
  })
}

/** The manifest is on the storages: the copies exist, and the catalogue says so in one transaction. */
export async function recordStored(
  context: RunContext,
  options: {
    backup: BegunBackup
    database: DatabaseRow
    manifest: Manifest
    manifestSha256: string
    targets: readonly Target[]
    toolVersion: string
    keyId: string
    /** of every key that opens the object `key` */
    keyIds: readonly string[]
  },
): Promise<void> {
  const locks = new Map(
    await Promise.all(
      living(options.targets).map(async (target) => [target, await readLock(target.driver, options.backup.path, context.signal)] as const),
    ),
  )
  await context.assertCurrent()
  await context.catalog.transaction().execute(async (trx) => {
    await recordManifest(trx, { manifest: options.manifest, manifestSha256: options.manifestSha256, keyId: options.keyId })
    for (const target of options.targets) {
      const copy = await trx
        .updateTable('copies')
        .set(
          target.problem === null
            ? {
                state: 'stored',
                stored_at: sql<Date>`now()`,
                stored_bytes: options.manifest.totals.storedBytes,
                problem: null,
                key_ids: [...options.keyIds],
                ...locks.get(target),
              }
            : unmade(target, target.problem),
        )
        .where('backup_id', '=', options.backup.id)
        .where('storage_id', '=', target.storageId)
        .returning('id')
        .executeTakeFirst()
      if (copy !== undefined && target.problem === null) await recordVersions(trx, copy.id, target.versions)
    }
    for (const target of living(options.targets)) {
      await trx
        .updateTable('storages')
        .set((eb) => ({ used_bytes: eb(eb.fn.coalesce('used_bytes', eb.lit(0)), '+', options.manifest.totals.storedBytes) }))
        .where('id', '=', target.storageId)
        .execute()
      await noteSeen(trx, target.storageId, 'stored')
      await noteUsage(trx, target.storageId)
    }
  })
}

/** A copy that this backup has not made. */
function unmade(target: Target, problem: LifeboatError): { state: 'waiting' | 'failed'; problem: string } {
  if (target.waits) return { state: 'waiting', problem: `${target.storageName} is offline. The copy is made when it is back.` }
  return { state: 'failed', problem: problem.message }
}

/** No manifest was written, or it was removed again: there is no backup. The operation keeps the reason. */
export async function recordFailed(context: RunContext, backupId: string, _error: unknown): Promise<void> {
  await deleteBackup(context.catalog, backupId)
  await context.catalog
    .updateTable('operations')
    .set({ backup_id: null })
    .where('id', '=', context.operationId)
    .where('backup_id', '=', backupId)
    .execute()
}

export async function previousManifestSha256(context: RunContext, databaseId: string): Promise<string | null> {
  return (await latestBackup(context.catalog, databaseId))?.manifest_sha256 ?? null
}
