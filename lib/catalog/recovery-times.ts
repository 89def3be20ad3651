import { type Kysely, sql } from 'kysely'
import type { OperationKind } from '#lib/domain/kinds.ts'
import type { RecoveryTimes } from '#lib/domain/plan.ts'
import { spreadOf } from '#lib/domain/recovery-times.ts'
import type { Catalog } from './schema.ts'

/** Older ones say less about today's size. */
const newest = 50

export interface RecoveryOf {
  databaseId: string
  kind: OperationKind
  /** of a restore's input */
  scope?: 'full' | 'table'
  way?: string
  /** of a restore of one table */
  schema?: string
  table?: string
}

/**
 * How long the newest finished, real runs of that kind on that database took, whole and by stage; null: there was none. Only runs that
 * reached their end count: one that broke off says nothing about how long one takes.
 */
export async function recoveryTimes(db: Kysely<Catalog>, of: RecoveryOf): Promise<RecoveryTimes | null> {
  const runs = await db
    .selectFrom('operations')
    .select(['id', sql<number>`extract(epoch FROM finished_at - started_at)::double precision`.as('seconds')])
    .where('kind', '=', of.kind)
    .where('dry_run', '=', false)
    .where('database_id', '=', of.databaseId)
    .where('state', 'in', ['succeeded', 'succeeded_with_findings'])
    .where('started_at', 'is not', null)
    .where('finished_at', 'is not', null)
    .$if(of.scope !== undefined, (query) => query.where(sql<boolean>`input ->> 'scope' = ${of.scope}`))
    // restores of earlier versions name no way: each made a new database
    .$if(of.way !== undefined, (query) => query.where(sql<boolean>`coalesce(input ->> 'way', 'new') = ${of.way}`))
    .$if(of.table !== undefined, (query) => query.where(sql<boolean>`input ->> 'schema' = ${of.schema} AND input ->> 'table' = ${of.table}`))
    .orderBy('created_at', 'desc')
    .limit(newest)
    .execute()
  const whole = spreadOf(runs.map((run) => run.seconds))
  if (whole === null) return null
  const stages = await db
    .selectFrom('restore_stages')
    .select(['stage', 'seconds'])
    .where(
      'operation_id',
      'in',
      runs.map((run) => run.id),
    )
    .execute()
  const byStage = Map.groupBy(stages, (one) => one.stage)
  return {
    ...whole,
    stages: [...byStage].flatMap(([stage, measured]) => {
      const spread = spreadOf(measured.map((one) => one.seconds))
      return spread === null ? [] : [{ stage, ...spread }]
    }),
  }
}
