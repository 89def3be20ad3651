import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'

interface Row {
  id: string
  name: string
  objective: number
  drill: { id: string; state: string; finishedAt: string } | null
  /** the newest full recovery that reached its end, into whatever database */
  recovery: { id: string; kind: string; finishedAt: string; seconds: number } | null
}

/** monthly, and a few days more: MISSION, "Tests of recovery" */
const overdueDays = 35

/** Whether recovery was rehearsed lately and worked, and how long it took against the objective. */
export async function lookAtRecoveries(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<Row>`
    SELECT d.id, d.name, d.rto_objective_seconds AS objective, drill.one AS drill, recovery.one AS recovery
    FROM databases d
    LEFT JOIN LATERAL (SELECT jsonb_build_object('id', o.id, 'state', o.state, 'finishedAt', o.finished_at) AS one FROM operations o
      WHERE o.database_id = d.id AND o.kind = 'drill' AND NOT o.dry_run AND o.finished_at IS NOT NULL AND o.state <> 'cancelled'
      ORDER BY o.finished_at DESC LIMIT 1) drill ON true
    LEFT JOIN LATERAL (SELECT jsonb_build_object('id', o.id, 'kind', o.kind, 'finishedAt', o.finished_at,
        'seconds', extract(epoch FROM o.finished_at - o.started_at)) AS one FROM operations o
      WHERE o.database_id = d.id AND o.kind IN ('restore', 'clone', 'drill') AND NOT o.dry_run AND o.state IN ('succeeded', 'succeeded_with_findings')
        AND coalesce(o.input ->> 'scope', 'full') = 'full' AND o.finished_at > ${now}::timestamptz - interval '1 year'
      ORDER BY o.finished_at DESC LIMIT 1) recovery ON true
    WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  return rows.flatMap((row) => [seenOfDatabase('rehearsal', row, judgeRehearsal(row, now)), seenOfDatabase('recovery_time', row, judgeTime(row))])
}

type Judged = { status: CheckStatus; words: string; value: number | null; detail: Record<string, unknown> }

function judgeRehearsal({ drill, recovery }: Row, now: Date): Judged {
  const days = (at: string) => (now.getTime() - Date.parse(at)) / 86_400_000
  if (drill !== null && !drill.state.startsWith('succeeded') && (recovery === null || recovery.finishedAt < drill.finishedAt)) {
    return {
      status: 'critical',
      words: 'The last drill failed: a recovery was not shown to work.',
      value: days(drill.finishedAt),
      detail: { operationId: drill.id },
    }
  }
  if (recovery === null) return { status: 'unknown', words: 'Its recovery was never rehearsed.', value: null, detail: {} }
  const age = days(recovery.finishedAt)
  const what = recovery.kind === 'drill' ? 'drill' : recovery.kind === 'clone' ? 'clone' : 'restore'
  const words = `The last ${what} that reached its end was ${formatDuration(age * 86_400)} ago.`
  return { status: age > overdueDays ? 'warning' : 'ok', words, value: age, detail: { operationId: recovery.id } }
}

function judgeTime({ recovery, objective }: Row): Judged {
  if (recovery === null) return { status: 'unknown', words: 'The time to be back is unmeasured.', value: null, detail: {} }
  const words = `The last full recovery took ${formatDuration(recovery.seconds)}; the objective is ${formatDuration(objective)}.`
  return { status: recovery.seconds > objective ? 'warning' : 'ok', words, value: recovery.seconds, detail: { operationId: recovery.id } }
}
