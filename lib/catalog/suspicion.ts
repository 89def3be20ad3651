import { type Kysely, sql } from 'kysely'
import type { Measured } from '#lib/domain/suspicion.ts'
import type { LookVerdict } from '#lib/domain/states.ts'
import type { BackupRow } from './backups.ts'
import type { Catalog } from './schema.ts'

/** A suspicious backup counts only when somebody found it fine. */
export const counts = sql<boolean>`(backups.suspicious is null or backups.looked_verdict = 'fine')`

/** What the last ten backups of a database held that count as good ones, the newest first; only the newest with its tables. */
export async function listMeasures(db: Kysely<Catalog>, databaseId: string): Promise<Measured[]> {
  const rows = await db
    .selectFrom('backups')
    .select(['id', 'rows', 'raw_bytes'])
    .where('database_id', '=', databaseId)
    .where('finished_at', 'is not', null)
    .where('tier', '<>', 'imported')
    .where(counts)
    .orderBy('created_at', 'desc')
    .limit(10)
    .execute()
  const newest = rows[0]
  if (newest === undefined) return []
  const tables = await db
    .selectFrom('backup_tables')
    .select(['schema', 'name', 'rows', 'raw_bytes'])
    .where('backup_id', '=', newest.id)
    .where('kind', '=', 'table')
    .execute()
  const named = tables.map((one) => ({ schema: one.schema ?? '', table: one.name ?? '', rows: one.rows ?? 0, rawBytes: one.raw_bytes }))
  return rows.map((one, index) => ({ rows: one.rows, rawBytes: one.raw_bytes, tables: index === 0 ? named : [] }))
}

/** What a person says of a suspicious backup; it may be said again. null: there is no such backup, or it is not suspicious. */
export async function writeLook(
  db: Kysely<Catalog>,
  backupId: string,
  look: { verdict: LookVerdict; by: string | null; name: string; note: string | null },
): Promise<BackupRow | null> {
  const row = await db
    .updateTable('backups')
    .set({ looked_at: sql<Date>`now()`, looked_by: look.by, looked_name: look.name, looked_verdict: look.verdict, looked_note: look.note })
    .where('id', '=', backupId)
    .where('suspicious', 'is not', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}
