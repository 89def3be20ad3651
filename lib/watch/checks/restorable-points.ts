import { type Kysely, sql } from 'kysely'
import { hasKeptCopy } from '#lib/catalog/kept-copy.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration, formatUtc } from '#lib/domain/units.ts'
import type { CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'

interface Row {
  id: string
  name: string
  objective: number
  known: number
  age: number | null
  backupId: string | null
  /** the newest that the clock has yet to reach: when it was made is not known */
  ahead: Date | null
}

/** How much each database would lose now, against its objective: a warning beyond it, critical beyond twice of it. */
export async function lookAtRestorablePoints(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<Row>`
    SELECT d.id, d.name, d.rpo_objective_seconds AS objective, extract(epoch FROM ${now}::timestamptz - d.created_at)::float8 AS known,
      extract(epoch FROM ${now}::timestamptz - point.created_at)::float8 AS age, point.id AS "backupId",
      (SELECT max(b.created_at) FROM backups b WHERE b.database_id = d.id AND b.finished_at IS NOT NULL AND b.state IN ('verified', 'retained', 'stored')
        AND ${hasKeptCopy(sql`b.id`)} AND b.created_at > ${now}::timestamptz + interval '1 minute') AS ahead
    FROM databases d LEFT JOIN LATERAL (SELECT b.id, b.created_at FROM backups b WHERE b.database_id = d.id AND b.finished_at IS NOT NULL
      AND b.state IN ('verified', 'retained', 'stored') AND ${hasKeptCopy(sql`b.id`)} AND b.created_at <= ${now}::timestamptz + interval '1 minute' ORDER BY b.created_at DESC LIMIT 1) point ON true
    WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  return rows.map((row) => seenOfDatabase('restorable_point', row, judge(row)))
}

function judge({ objective, known, age, backupId, ahead }: Row): {
  status: CheckStatus
  words: string
  value: number | null
  detail: Record<string, unknown>
} {
  const within = formatDuration(objective)
  if (ahead !== null && (age === null || age > objective)) {
    const words = `The newest restorable point is dated ${formatUtc(ahead)}, which is yet to come: the clock of the catalogue was set back, and how old it is is not known.`
    return { status: 'unknown', words, value: null, detail: {} }
  }
  if (age === null) {
    // one that was registered just now is not late yet
    const late = known > objective
    const words = late
      ? `There is no restorable point, ${formatDuration(known)} after it was registered; its objective is ${within}.`
      : 'There is no restorable point yet.'
    return { status: late ? 'critical' : 'unknown', words, value: null, detail: {} }
  }
  const words = `The newest restorable point is ${formatDuration(age)} old; its objective is ${within}.`
  return { status: age > 2 * objective ? 'critical' : age > objective ? 'warning' : 'ok', words, value: age, detail: { backupId } }
}
