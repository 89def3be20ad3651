import type { Kysely } from 'kysely'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { readPlaces } from '#lib/catalog/retention-rules.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { SimulatedBackup, SimulationView } from '#lib/domain/keeping-views.ts'
import { actsFrom } from '#lib/domain/retention/change.ts'
import { backupWords, untilOf } from '#lib/domain/retention/explain.ts'
import { shortens } from '#lib/domain/retention/places.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import { timelineOf } from '#lib/domain/retention/timeline.ts'
import type { CopyFate, RetentionInput, RetentionPlan, RetentionRule } from '#lib/domain/retention/types.ts'
import { findDutyGaps, namesOf } from './retention.ts'
import { iso } from './scope.ts'

const mostBackups = 500

/**
 * What rules that are not saved would do on the real history, as if they acted at once, beside those in force. `databaseId`: of one database
 * alone. What the actor may not see is left out of everything.
 */
export async function simulateRetention(
  catalog: Kysely<Catalog>,
  actor: Actor,
  { rules, databaseId }: { rules: readonly RetentionRule[]; databaseId: string | null },
): Promise<SimulationView> {
  const all = await readRetentionInput(catalog, { databaseId })
  const names = await namesOf(catalog, actor)
  const input = { ...all, backups: all.backups.filter((backup) => names.databases.has(backup.databaseId)) }
  const perRun = input.settings.deletionsPerRun
  const inForce = planRetention(withoutCap(input))
  const tried = planRetention(withoutCap({ ...input, rules }))
  const changed = await changedBackups(catalog, { inForce, tried }, names)
  const places = await readPlaces(catalog)
  return {
    at: iso(input.now),
    backups: changed.backups,
    more: changed.more,
    totals: totalsOf(tried.copies),
    storages: storagesOf(tried, names.storages),
    timeline: timelineOf(tried, perRun),
    dutiesBroken: (await findDutyGaps(catalog, actor, rules)).filter((finding) => finding.code === 'duty_contradicts_rule'),
    actsFrom: shortens(input.rules, rules, places, input.now) ? iso(actsFrom({ now: input.now, delayHours: input.settings.shrinkDelayHours })) : null,
  }
}

/** How many a run may delete decides when what goes, and not what: the timeline counts with it. */
function withoutCap(input: RetentionInput): RetentionInput {
  return { ...input, settings: { ...input.settings, deletionsPerRun: Number.POSITIVE_INFINITY } }
}

function totalsOf(copies: readonly CopyFate[]): SimulationView['totals'] {
  const totals = { kept: 0, deleted: 0, waiting: 0, freedBytes: 0 }
  for (const { action, storedBytes } of copies) {
    if (action === 'keep') totals.kept += 1
    else if (action === 'wait') totals.waiting += 1
    else {
      totals.deleted += 1
      totals.freedBytes += storedBytes
    }
  }
  return totals
}

function storagesOf(plan: RetentionPlan, names: ReadonlyMap<string, string>): SimulationView['storages'] {
  return [...Map.groupBy(plan.copies, (fate) => fate.storageId)]
    .map(([id, copies]) => {
      const { freedBytes, deleted, kept, waiting } = totalsOf(copies)
      return { id, name: names.get(id) ?? '', freedBytes, deleted, kept: kept + waiting }
    })
    .sort((a, b) => a.name.localeCompare(b.name))
}

/** Backups of which a copy goes, or has another fate than under the rules in force; both plans have the same copies in the same order. */
async function changedBackups(
  catalog: Kysely<Catalog>,
  { inForce, tried }: { inForce: RetentionPlan; tried: RetentionPlan },
  names: Awaited<ReturnType<typeof namesOf>>,
): Promise<{ backups: SimulatedBackup[]; more: number }> {
  const fates = new Map<string, { now: CopyFate[]; tried: CopyFate[]; changed: boolean }>()
  for (const [index, now] of inForce.copies.entries()) {
    const then = tried.copies[index]
    if (then === undefined) continue
    let both = fates.get(now.backupId)
    if (both === undefined) fates.set(now.backupId, (both = { now: [], tried: [], changed: false }))
    both.now.push(now)
    both.tried.push(then)
    both.changed ||= then.action === 'delete' || then.action !== now.action || then.until?.getTime() !== now.until?.getTime()
  }
  const changed = [...fates].filter(([, both]) => both.changed)
  changed.sort(([, a], [, b]) => (b.now[0]?.createdAt.getTime() ?? 0) - (a.now[0]?.createdAt.getTime() ?? 0))
  const shown = changed.slice(0, mostBackups)
  const ids = shown.map(([id]) => id)
  const rows = ids.length === 0 ? [] : await catalog.selectFrom('backups').select(['id', 'name', 'stored_bytes']).where('id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  const backups = shown.flatMap(([id, both]): SimulatedBackup[] => {
    const row = byId.get(id)
    const [first] = both.now
    if (row === undefined || first === undefined) return []
    return [
      {
        id,
        name: row.name,
        database: { id: first.databaseId, name: names.databases.get(first.databaseId) ?? '' },
        tier: first.tier,
        createdAt: iso(first.createdAt),
        storedBytes: row.stored_bytes,
        now: fateOfBackup(both.now, names.storages),
        tried: fateOfBackup(both.tried, names.storages),
      },
    ]
  })
  return { backups, more: changed.length - shown.length }
}

/** It goes when its last copy goes. */
function fateOfBackup(fates: readonly CopyFate[], storages: ReadonlyMap<string, string>): SimulatedBackup['now'] {
  const action = fates.some((fate) => fate.action === 'keep') ? 'keep' : fates.some((fate) => fate.action === 'wait') ? 'wait' : 'delete'
  return { action, until: iso(untilOf(fates)), words: backupWords(fates, (id) => storages.get(id) ?? id) }
}
