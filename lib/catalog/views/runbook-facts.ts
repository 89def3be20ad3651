import { type Kysely, sql } from 'kysely'
import { currentKey } from '#lib/catalog/keys.ts'
import type { Catalog, StorageConfig } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { RunbookBackup, RunbookFacts, RunbookPlace, RunbookStorage } from '#lib/domain/runbooks/runbook.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { readDatabase } from './databases.ts'
import { readRecoverySheet } from './recovery-sheet.ts'
import { iso } from './scope.ts'

/**
 * The real names that a database's runbooks print. `table`: the one to name in the commands; without it, the one with the most rows.
 * Throws `not_found`, also for a database that the actor may not see.
 */
export async function readRunbookFacts(
  catalog: Kysely<Catalog>,
  actor: Actor,
  databaseId: string,
  table: { schema: string; table: string } | null = null,
): Promise<RunbookFacts> {
  const { id, name, host, port, dbname, username } = await readDatabase(catalog, actor, databaseId)
  const [storages, recovery, sheet] = await Promise.all([storagesOf(catalog, id), currentKey(catalog, 'recovery'), readRecoverySheet(catalog, actor)])
  const newest = storages.reduce<RunbookBackup | null>(
    (best, { newest: one }) => (one !== null && (best === null || one.createdAt > best.createdAt) ? one : best),
    null,
  )
  return {
    database: { id, name, host, port, dbname, username },
    newest,
    storages,
    table: newest === null ? null : (table ?? (await largestTable(catalog, newest.id))),
    activeKeyId: sheet.activeKeyId,
    recoveryKeyId: recovery?.confirmed_at == null ? null : recovery.id,
    rescueScriptSha256: sheet.rescueScriptSha256,
  }
}

async function storagesOf(catalog: Kysely<Catalog>, databaseId: string): Promise<RunbookStorage[]> {
  const storages = await catalog.selectFrom('storages').select(['id', 'name', 'config']).where('removed_at', 'is', null).orderBy('name').execute()
  const newest = await catalog
    .selectFrom('backups')
    .innerJoin('copies', 'copies.backup_id', 'backups.id')
    .distinctOn('copies.storage_id')
    .select(['copies.storage_id', 'copies.verified_at'])
    .select(['backups.id', 'backups.name', 'backups.path', 'backups.created_at', 'backups.key_id'])
    .select(['backups.tables', 'backups.rows', 'backups.raw_bytes'])
    .where('backups.database_id', '=', databaseId)
    .where('backups.finished_at', 'is not', null)
    .where('copies.state', 'in', readableCopyStates)
    // a safety backup holds what was about to be overwritten: damage, more often than not
    .where('backups.tier', '<>', 'safety')
    .orderBy('copies.storage_id')
    .orderBy('backups.created_at', 'desc')
    .orderBy('backups.id')
    .execute()
  return storages.map(({ id, name, config }) => {
    const found = newest.find((one) => one.storage_id === id)
    return {
      name,
      place: placeOf(config),
      newest:
        found === undefined
          ? null
          : {
              id: found.id,
              name: found.name,
              path: found.path,
              createdAt: iso(found.created_at),
              verifiedAt: iso(found.verified_at),
              keyId: found.key_id,
              tables: found.tables,
              rows: found.rows,
              rawBytes: found.raw_bytes,
            },
    }
  })
}

function placeOf(config: StorageConfig): RunbookPlace {
  if ('path' in config) return { kind: 'local', path: config.path }
  const { bucket, endpoint = null, region, prefix, pathStyle, checksumWhenRequired } = config
  return { kind: 's3', bucket, endpoint, region, prefix, pathStyle, checksumWhenRequired }
}

async function largestTable(catalog: Kysely<Catalog>, backupId: string): Promise<{ schema: string; table: string } | null> {
  const row = await catalog
    .selectFrom('backup_tables')
    .select(['schema', 'name'])
    .where('backup_id', '=', backupId)
    .where('kind', '=', 'table')
    .orderBy(sql`rows desc nulls last`)
    .orderBy('ordinal')
    .limit(1)
    .executeTakeFirst()
  return row?.schema == null || row.name === null ? null : { schema: row.schema, table: row.name }
}
