import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, seenOfInstallation } from '#lib/domain/watch/result.ts'

/** A swap takes seconds, and a dead one is put right by the next worker that reaches the server. */
const underwaySeconds = 600
/** a kept database is dropped at the end of its undo period by the next worker */
const overdueSeconds = 24 * 3_600

/** Replacements that stopped halfway, and kept databases that nobody drops. */
export async function lookAtSwaps(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{ operationId: string; name: string; place: string; state: string; seconds: number; keptName: string }>`
    SELECT s.operation_id AS "operationId", s.live_name AS name, s.host || ':' || s.port AS place, s.state, s.kept_name AS "keptName",
      extract(epoch FROM ${now}::timestamptz - CASE WHEN s.state = 'underway' THEN coalesce(o.finished_at, o.started_at, o.created_at) ELSE s.undo_until END)::float8 AS seconds
    FROM swaps s JOIN operations o ON o.id = s.operation_id
    WHERE (s.state = 'underway' AND o.state NOT IN ('queued', 'running', 'cancelling')
        AND coalesce(o.finished_at, o.started_at, o.created_at) < ${now}::timestamptz - make_interval(secs => ${underwaySeconds}))
      OR (s.state = 'kept' AND s.undo_until < ${now}::timestamptz - make_interval(secs => ${overdueSeconds}))
    ORDER BY s.state = 'kept', o.created_at`.execute(catalog)
  const first = rows[0]
  if (first === undefined) return [seenOfInstallation('swaps', { status: 'ok', words: 'Every replacement of a database was settled.', value: 0 })]
  const halfway = rows.filter((row) => row.state === 'underway').length
  const words =
    first.state === 'underway'
      ? `${countIs(halfway, 'replacement', 'replacements')} of a database stopped halfway, ${first.name} on ${first.place} ${formatDuration(first.seconds)} ago: which database is live there is not known.`
      : `${first.keptName} on ${first.place} was to be dropped ${formatDuration(first.seconds)} ago, and is still there.`
  const status = halfway > 0 ? 'critical' : 'warning'
  return [seenOfInstallation('swaps', { status, words, value: rows.length, detail: { operationId: first.operationId } })]
}
