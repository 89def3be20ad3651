import { type Kysely, type Selectable, sql } from 'kysely'
import type { ChangeOfRule } from '#lib/domain/retention/change.ts'
import type { PlaceOfRule, Places } from '#lib/domain/retention/places.ts'
import { keepAt } from '#lib/domain/retention/rules.ts'
import type { RetentionDuty, RetentionRule } from '#lib/domain/retention/types.ts'
import type { Catalog } from './schema.ts'

export type RuleRow = Selectable<Catalog['retention_rules']>
export type DutyRow = Selectable<Catalog['retention_duties']>

export function ruleOf(row: RuleRow): RetentionRule {
  return {
    id: row.id,
    databaseId: row.database_id,
    storageId: row.storage_id,
    tier: row.tier,
    keep: row.keep,
    pending: row.pending && { keep: row.pending.keep, from: new Date(row.pending.from) },
  }
}

export function dutyOf(row: DutyRow): RetentionDuty {
  return { id: row.id, name: row.name, tag: row.tag, tier: row.tier, keep: row.keep, endsAt: row.removed_at }
}

/** Every rule, also one whose shorter successor waits. `lock`: whoever changes rules waits for whoever is changing them, and sees what they made. */
export async function listRules(db: Kysely<Catalog>, options: { lock?: boolean } = {}): Promise<RuleRow[]> {
  if (options.lock) await db.selectFrom('retention_rules').select('id').orderBy('id').forUpdate().execute()
  return db.selectFrom('retention_rules').selectAll().orderBy('tier').orderBy('id').execute()
}

/** That still say something at that time: a rule that was taken away and has waited its time says nothing. */
export function rulesInForce(rows: readonly RuleRow[], now: Date): RuleRow[] {
  return rows.filter((row) => keepAt(ruleOf(row), now.getTime()) !== null)
}

export async function getRule(db: Kysely<Catalog>, id: string): Promise<RuleRow | null> {
  return (await db.selectFrom('retention_rules').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** One rule at one place: made or changed. */
export async function writeRule(trx: Kysely<Catalog>, place: PlaceOfRule, change: ChangeOfRule, name: string): Promise<RuleRow> {
  const values = {
    keep: JSON.stringify(change.keep),
    pending: change.pending === null ? null : JSON.stringify({ keep: change.pending.keep, from: change.pending.from.toISOString() }),
    changed_at: sql<Date>`now()`,
    changed_name: name,
  }
  const changed = await trx
    .updateTable('retention_rules')
    .set(values)
    .where(sql<boolean>`database_id is not distinct from ${place.databaseId}::uuid and storage_id is not distinct from ${place.storageId}::uuid`)
    .where('tier', '=', place.tier)
    .returningAll()
    .executeTakeFirst()
  if (changed !== undefined) return changed
  return trx
    .insertInto('retention_rules')
    .values({ database_id: place.databaseId, storage_id: place.storageId, tier: place.tier, ...values })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function deleteRule(trx: Kysely<Catalog>, id: string): Promise<void> {
  await trx.deleteFrom('retention_rules').where('id', '=', id).execute()
}

/** Where a rule decides something: what is registered, and what was taken off the list and still has copies, which its rules go on keeping. */
export async function readPlaces(db: Kysely<Catalog>): Promise<Places> {
  const copies = db.selectFrom('copies').where('copies.state', '<>', 'deleted')
  const withCopies = copies.innerJoin('backups', 'backups.id', 'copies.backup_id').select('backups.database_id')
  const databases = await db
    .selectFrom('databases')
    .select('id')
    .where((where) => where.or([where('removed_at', 'is', null), where('id', 'in', withCopies)]))
    .execute()
  const storages = await db
    .selectFrom('storages')
    .select('id')
    .where((where) => where.or([where('removed_at', 'is', null), where('id', 'in', copies.select('copies.storage_id'))]))
    .execute()
  return { databaseIds: databases.map((one) => one.id), storageIds: storages.map((one) => one.id) }
}

/** Those that act now, also where they were taken away and act for some days more. */
export async function listDuties(db: Kysely<Catalog>): Promise<DutyRow[]> {
  return db
    .selectFrom('retention_duties')
    .selectAll()
    .where(sql<boolean>`(removed_at is null or removed_at > now())`)
    .orderBy('name')
    .orderBy('id')
    .execute()
}

export async function insertDuty(
  trx: Kysely<Catalog>,
  { name, tag, tier, keep, reference }: Pick<RetentionDuty, 'name' | 'tag' | 'tier' | 'keep'> & { reference: string },
): Promise<DutyRow> {
  return trx
    .insertInto('retention_duties')
    .values({ name, tag, tier, keep: JSON.stringify(keep), reference })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** It acts until then; null: it stays after all. null is returned where there is no such duty, or it has ended. */
export async function endDuty(trx: Kysely<Catalog>, id: string, at: Date | null): Promise<DutyRow | null> {
  const row = await trx
    .updateTable('retention_duties')
    .set({ removed_at: at })
    .where('id', '=', id)
    .where(sql<boolean>`(removed_at is null or removed_at > now())`)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}
