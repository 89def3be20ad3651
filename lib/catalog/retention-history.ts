import { type Kysely, sql } from 'kysely'
import type { RetentionBackup, RetentionCopy, RetentionInput } from '#lib/domain/retention/types.ts'
import { catalogueNow } from './clock.ts'
import { readRetentionSettings } from './retention-settings.ts'
import { dutyOf, listDuties, listRules, ruleOf } from './retention-rules.ts'
import { listEndingTags } from './ending-tags.ts'
import type { Catalog } from './schema.ts'

/**
 * All that retention decides from, in a handful of reads however many backups there are; `databaseId`: of one database alone. Holds are read last:
 * one that was placed meanwhile counts. Copies on storages that were taken off the list are in no plan: nothing there is deleted by rule.
 */
export async function readRetentionInput(db: Kysely<Catalog>, { databaseId = null }: { databaseId?: string | null } = {}): Promise<RetentionInput> {
  const now = await catalogueNow(db)
  const rules = (await listRules(db)).map(ruleOf)
  const duties = (await listDuties(db)).map(dutyOf)
  const settings = await readRetentionSettings(db)
  const databases = await db.selectFrom('databases').select(['id', 'tags', 'is_catalogue as isCatalogue']).execute()
  const ending = await listEndingTags(db)
  const copies = await readCopies(db, databaseId)
  const backups = await readBackups(db, databaseId)
  const holds = await readHolds(db)
  return {
    now,
    rules,
    duties,
    settings,
    databases: databases.map((one) => ({ ...one, endingTags: ending.get(one.id) ?? [] })),
    backups: backups.flatMap((backup): RetentionBackup[] => {
      const of = copies.get(backup.id)
      return of === undefined ? [] : [{ ...backup, holds: holds.get(backup.id) ?? [], copies: of }]
    }),
  }
}

async function readCopies(db: Kysely<Catalog>, databaseId: string | null): Promise<Map<string, RetentionCopy[]>> {
  const once = onceEach()
  const rows = await db
    .selectFrom('copies')
    .select(['id', 'backup_id', 'storage_id', 'state', 'stored_bytes', 'verified_at', 'retained_until'])
    .where('state', '<>', 'deleted')
    .where('storage_id', 'in', db.selectFrom('storages').select('id').where('removed_at', 'is', null))
    .$if(databaseId !== null, (query) => query.where('backup_id', 'in', db.selectFrom('backups').select('id').where('database_id', '=', databaseId)))
    .execute()
  const byBackup = new Map<string, RetentionCopy[]>()
  for (const row of rows) {
    const copy: RetentionCopy = {
      id: row.id,
      storageId: once(row.storage_id),
      state: row.state,
      storedBytes: row.stored_bytes,
      verifiedAt: row.verified_at,
      retainedUntil: row.retained_until,
    }
    const known = byBackup.get(row.backup_id)
    if (known === undefined) byBackup.set(row.backup_id, [copy])
    else known.push(copy)
  }
  return byBackup
}

async function readBackups(db: Kysely<Catalog>, databaseId: string | null): Promise<Omit<RetentionBackup, 'copies' | 'holds'>[]> {
  const once = onceEach()
  const rows = await db
    .selectFrom('backups')
    .select(['id', 'database_id as databaseId', 'tier', 'created_at as createdAt', 'looked_verdict as looked', 'undo_until as undoUntil'])
    .select(sql<boolean>`suspicious is not null`.as('suspicious'))
    .$if(databaseId !== null, (query) => query.where('database_id', '=', databaseId))
    .orderBy('created_at')
    .execute()
  for (const row of rows) row.databaseId = once(row.databaseId)
  return rows
}

/** The same id is one string: 400,000 equal ones would each be hashed and compared where they are looked up. */
function onceEach(): (id: string) => string {
  const known = new Map<string, string>()
  return (id) => {
    const one = known.get(id)
    if (one === undefined) known.set(id, id)
    return one ?? id
  }
}

async function readHolds(db: Kysely<Catalog>): Promise<Map<string, { kind: string; reason: string }[]>> {
  const rows = await db.selectFrom('holds').select(['backup_id', 'kind', 'reason']).where('released_at', 'is', null).execute()
  const byBackup = new Map<string, { kind: string; reason: string }[]>()
  for (const { backup_id: id, kind, reason } of rows) byBackup.set(id, [...(byBackup.get(id) ?? []), { kind, reason }])
  return byBackup
}
