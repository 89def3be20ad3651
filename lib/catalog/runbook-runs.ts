import { type Kysely, sql } from 'kysely'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { RunbookOutcome, RunbookScenario } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

/** Begins the record of a runbook that somebody follows; returns its id. */
export async function beginRunbookRun(
  db: Kysely<Catalog>,
  run: { scenario: RunbookScenario; databaseId: string | null; by: string },
): Promise<{ id: string }> {
  return db
    .insertInto('runbook_runs')
    .values({ scenario: run.scenario, database_id: run.databaseId, begun_by: run.by })
    .returning('id')
    .executeTakeFirstOrThrow()
}

/** Who did a step first stays its author: doing it again changes only what is noted about it. Throws `conflict` when the run has ended. */
export async function recordStep(
  db: Kysely<Catalog>,
  runId: string,
  step: { step: string; by: string; note: string | null; operationId: string | null },
): Promise<void> {
  await lockOpen(db, runId)
  await db
    .insertInto('runbook_steps')
    .values({ run_id: runId, step: step.step, done_by: step.by, note: step.note, operation_id: step.operationId })
    .onConflict((conflict) => conflict.columns(['run_id', 'step']).doUpdateSet({ note: step.note, operation_id: step.operationId }))
    .execute()
}

/** Ticked by mistake. Throws `conflict` when the run has ended. */
export async function withdrawStep(db: Kysely<Catalog>, runId: string, step: string): Promise<void> {
  await lockOpen(db, runId)
  await db.deleteFrom('runbook_steps').where('run_id', '=', runId).where('step', '=', step).execute()
}

/** What stands in it does not change any more. Throws `conflict` when it has ended already. */
export async function endRunbookRun(
  db: Kysely<Catalog>,
  runId: string,
  end: { outcome: RunbookOutcome; note: string | null; by: string },
): Promise<void> {
  await lockOpen(db, runId)
  await db
    .updateTable('runbook_runs')
    .set({ ended_at: sql<Date>`now()`, ended_by: end.by, outcome: end.outcome, note: end.note })
    .where('id', '=', runId)
    .execute()
}

async function lockOpen(db: Kysely<Catalog>, runId: string): Promise<void> {
  const row = await db.selectFrom('runbook_runs').select('ended_at').where('id', '=', runId).forUpdate().executeTakeFirst()
  if (row === undefined) throw new LifeboatError('not_found', 'There is no such runbook run.')
  if (row.ended_at !== null) throw new LifeboatError('conflict', 'This record has ended.', 'Nothing was changed. Begin another one.')
}
