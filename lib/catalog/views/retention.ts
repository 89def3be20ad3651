import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type DatabaseRow, listDatabases } from '#lib/catalog/databases.ts'
import { type DutyRow, dutyOf, listDuties, listRules, type RuleRow, ruleOf, rulesInForce } from '#lib/catalog/retention-rules.ts'
import { readPruningPause, readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { RetentionDutyView, RetentionRuleView, RetentionView } from '#lib/domain/keeping-views.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { dutyFindings } from '#lib/domain/retention/duties.ts'
import { keepAt } from '#lib/domain/retention/rules.ts'
import type { RetentionRule } from '#lib/domain/retention/types.ts'
import { iso, operationSeenBy, seenBy } from './scope.ts'

/** Rules, duties and bounds; rules and findings of databases that the actor may not see are left out. */
export async function readRetention(catalog: Kysely<Catalog>, actor: Actor): Promise<RetentionView> {
  const now = await catalogueNow(catalog)
  const databases = await listDatabases(catalog, actor.databaseIds)
  const rows = await listRules(catalog)
  const duties = await listDuties(catalog)
  return {
    rules: await ruleViews(catalog, visible(rulesInForce(rows, now), actor), now),
    duties: duties.map((row) => dutyView(row, databases)),
    settings: await readRetentionSettings(catalog),
    findings: await findDutyGaps(catalog, actor, rows.map(ruleOf)),
    paused: await readPruningPause(catalog),
    lastPrune: await lastPrune(catalog, actor),
    nextPruneAt: await nextPruneAt(catalog),
  }
}

function visible(rows: readonly RuleRow[], { databaseIds }: Actor): RuleRow[] {
  return rows.filter((row) => row.database_id === null || databaseIds === null || databaseIds.includes(row.database_id))
}

/** As they stand at that time: what has waited long enough is in force. The less precise come first. */
export async function ruleViews(catalog: Kysely<Catalog>, rows: readonly RuleRow[], now: Date): Promise<RetentionRuleView[]> {
  const databases = new Map((await catalog.selectFrom('databases').select(['id', 'name']).execute()).map((one) => [one.id, one]))
  const storages = new Map((await catalog.selectFrom('storages').select(['id', 'name']).execute()).map((one) => [one.id, one]))
  const precision = (row: RuleRow): number => (row.database_id === null ? 0 : 2) + (row.storage_id === null ? 0 : 1)
  return [...rows]
    .sort((a, b) => precision(a) - precision(b))
    .map((row) => {
      const rule = ruleOf(row)
      const waits = rule.pending !== null && rule.pending.from > now ? rule.pending : null
      return {
        id: row.id,
        database: row.database_id === null ? null : (databases.get(row.database_id) ?? null),
        storage: row.storage_id === null ? null : (storages.get(row.storage_id) ?? null),
        tier: row.tier,
        keep: keepAt(rule, now.getTime()) ?? row.keep,
        pending: waits && { keep: waits.keep, from: iso(waits.from) },
        changedAt: iso(row.changed_at),
        changedName: row.changed_name,
      }
    })
}

export function dutyView(row: DutyRow, databases: readonly DatabaseRow[]): RetentionDutyView {
  return {
    id: row.id,
    name: row.name,
    tag: row.tag,
    tier: row.tier,
    keep: row.keep,
    reference: row.reference,
    databases: databases.filter((one) => one.tags.includes(row.tag)).map(({ id, name }) => ({ id, name })),
    endsAt: iso(row.removed_at),
  }
}

/** Where these rules, in force or only tried out, contradict a duty, and what nothing meets; of databases that the actor may see. */
export async function findDutyGaps(catalog: Kysely<Catalog>, actor: Actor, rules: readonly RetentionRule[]): Promise<Finding[]> {
  const schedules = await catalog.selectFrom('schedules').select(['database_id', 'tier', 'paused_at']).where('removed_at', 'is', null).execute()
  return dutyFindings({
    now: await catalogueNow(catalog),
    rules,
    duties: (await listDuties(catalog)).map(dutyOf),
    databases: await listDatabases(catalog, actor.databaseIds),
    storages: await listStorages(catalog),
    schedules: schedules.map((one) => ({ databaseId: one.database_id, tier: one.tier, paused: one.paused_at !== null })),
  })
}

async function lastPrune(catalog: Kysely<Catalog>, actor: Actor): Promise<RetentionView['lastPrune']> {
  const row = await catalog
    .selectFrom('operations')
    .select(['id', 'finished_at'])
    .select([
      sql<number>`coalesce((result #>> '{prune,deleted}')::int, 0)`.as('deleted'),
      sql<number>`coalesce((result #>> '{prune,freedBytes}')::float8, 0)`.as('freed'),
    ])
    .where(sql<boolean>`kind = 'prune' and not dry_run and result is not null`)
    .where('finished_at', 'is not', null)
    .where(operationSeenBy(actor))
    .orderBy('finished_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { operationId: row.id, at: iso(row.finished_at ?? new Date(0)), deleted: row.deleted, freedBytes: row.freed }
}

async function nextPruneAt(catalog: Kysely<Catalog>): Promise<string | null> {
  const row = await catalog
    .selectFrom('upkeep')
    .select((from) => from.fn.min<Date | null>('next_at').as('at'))
    .where('task', '=', 'prune')
    .executeTakeFirst()
  return iso(row?.at ?? null)
}

/** Names of databases and storages by id, of those that the actor may see; removed ones too. */
export async function namesOf(catalog: Kysely<Catalog>, actor: Actor): Promise<{ databases: Map<string, string>; storages: Map<string, string> }> {
  const databases = await catalog.selectFrom('databases').select(['id', 'name']).where(seenBy(actor, 'databases.id')).execute()
  const storages = await catalog.selectFrom('storages').select(['id', 'name']).execute()
  return { databases: new Map(databases.map((one) => [one.id, one.name])), storages: new Map(storages.map((one) => [one.id, one.name])) }
}
