import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { runbookScenarios } from '#lib/domain/states.ts'
import type { RunbookRunView } from '#lib/domain/views.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

export const runbookRunFilters = z.object({
  databaseId: z.uuid().optional(),
  scenario: z.enum(runbookScenarios).optional(),
  open: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** Who followed which runbook, when, and what was done; newest first. */
export async function listRunbookRuns(
  catalog: Kysely<Catalog>,
  actor: Actor,
  filters: z.input<typeof runbookRunFilters> = {},
): Promise<RunbookRunView[]> {
  const { limit, ...by } = runbookRunFilters.parse(filters)
  let query = selectRuns(catalog, actor)
  if (by.databaseId !== undefined) query = query.where('runbook_runs.database_id', '=', by.databaseId)
  if (by.scenario !== undefined) query = query.where('runbook_runs.scenario', '=', by.scenario)
  if (by.open !== undefined) query = query.where('runbook_runs.ended_at', by.open === 'true' ? 'is' : 'is not', null)
  return withSteps(catalog, await query.limit(limit).execute())
}

export async function readRunbookRun(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<RunbookRunView> {
  if (!isUuid(id)) throw notFound('runbook run')
  const [run] = await withSteps(catalog, await selectRuns(catalog, actor).where('runbook_runs.id', '=', id).execute())
  if (run === undefined) throw notFound('runbook run')
  return run
}

function selectRuns(catalog: Kysely<Catalog>, actor: Actor) {
  return catalog
    .selectFrom('runbook_runs')
    .leftJoin('databases', 'databases.id', 'runbook_runs.database_id')
    .selectAll('runbook_runs')
    .select('databases.name as database_name')
    .where(seenBy(actor, 'runbook_runs.database_id'))
    .orderBy('runbook_runs.begun_at', 'desc')
    .orderBy('runbook_runs.id')
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRuns>['executeTakeFirstOrThrow']>>

async function withSteps(catalog: Kysely<Catalog>, rows: Row[]): Promise<RunbookRunView[]> {
  const ids = rows.map((row) => row.id)
  const steps = await catalog
    .selectFrom('runbook_steps')
    .leftJoin('operations', 'operations.id', 'runbook_steps.operation_id')
    .selectAll('runbook_steps')
    .select(['operations.title', 'operations.state'])
    .where(sql<boolean>`run_id = any(${ids}::uuid[])`)
    .orderBy('done_at')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    scenario: row.scenario,
    database: row.database_id === null ? null : { id: row.database_id, name: row.database_name ?? '' },
    begunAt: iso(row.begun_at),
    begunBy: row.begun_by,
    endedAt: iso(row.ended_at),
    endedBy: row.ended_by,
    outcome: row.outcome,
    note: row.note,
    steps: steps
      .filter((one) => one.run_id === row.id)
      .map((one) => ({
        step: one.step,
        doneAt: iso(one.done_at),
        doneBy: one.done_by,
        note: one.note,
        operation: one.operation_id === null ? null : { id: one.operation_id, title: one.title ?? '', state: one.state ?? 'failed' },
      })),
  }))
}
