import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { type CheckKind, checkKindNames, checkKinds, isCheckKind, isStale } from '#lib/domain/watch/check-kinds.ts'
import type { CheckHistory, CheckView } from '#lib/domain/watch-views.ts'
import { iso, notFound, seenBy } from './scope.ts'

/** Every check with its last result; one that was not renewed in time is unknown, whatever it said. */
export async function readChecks(
  catalog: Kysely<Catalog>,
  actor: Actor,
  { databaseId }: { databaseId?: string | undefined } = {},
): Promise<CheckView[]> {
  let query = catalog
    .selectFrom('checks')
    .leftJoin('databases', 'databases.id', 'checks.database_id')
    .leftJoin('storages', 'storages.id', 'checks.storage_id')
    .leftJoin('alerts', (join) =>
      join.onRef('alerts.kind', '=', 'checks.kind').onRef('alerts.subject', '=', 'checks.subject').on('alerts.resolved_at', 'is', null),
    )
    .selectAll('checks')
    .select(['databases.name as database_name', 'storages.name as storage_name', 'alerts.id as alert_id'])
    .where(seenBy(actor, 'checks.database_id'))
  if (databaseId !== undefined) query = query.where('checks.database_id', '=', databaseId)
  const [rows, now] = await Promise.all([query.orderBy('checks.subject_name').orderBy('checks.subject').execute(), catalogueNow(catalog)])
  const order = new Map(checkKindNames.map((kind, at) => [kind, at]))
  return rows
    .filter((row) => isCheckKind(row.kind))
    .toSorted((a, b) => (order.get(a.kind) ?? 0) - (order.get(b.kind) ?? 0))
    .map((row) => {
      const stale = isStale(row.kind, row.checked_at, now)
      const { title, question, unit, everySeconds } = checkKinds[row.kind]
      return {
        kind: row.kind,
        title,
        question,
        subject: row.subject,
        subjectName: row.subject_name,
        database: row.database_id === null ? null : { id: row.database_id, name: row.database_name ?? row.subject_name },
        storage: row.storage_id === null ? null : { id: row.storage_id, name: row.storage_name ?? row.subject_name },
        status: stale ? 'unknown' : row.status,
        stale,
        words: row.words,
        value: row.value,
        unit,
        since: iso(row.since),
        checkedAt: iso(row.checked_at),
        everySeconds,
        alertId: row.alert_id,
      }
    })
}

export const historyQuery = z.object({
  kind: z.enum(checkKindNames as [CheckKind, ...CheckKind[]]),
  subject: z.string().max(100).default(''),
  hours: z.coerce.number().int().min(1).max(2160).default(24),
})

/** Tiles of a long period; of each the highest value stays. */
const tiles = 600
/** Changes of the status are all kept, so that how long it had each is exact; beyond so many the worst of each tile stays instead. */
const changesAtMost = 1_000

/** What a check saw in the last hours, and where it saw nothing. No fault falls out of the picture. */
export async function readCheckHistory(catalog: Kysely<Catalog>, actor: Actor, asked: z.output<typeof historyQuery>): Promise<CheckHistory> {
  const { kind, subject, hours } = asked
  const check = await catalog
    .selectFrom('checks')
    .selectAll()
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where(seenBy(actor, 'checks.database_id'))
    .executeTakeFirst()
  if (check === undefined) throw notFound('check')
  const now = await catalogueNow(catalog)
  const begin = new Date(now.getTime() - hours * 3_600_000)
  const wanted = sql`
    SELECT at, status, value, words, ntile(${tiles}) OVER (ORDER BY at) AS tile, lag(status) OVER (ORDER BY at) IS DISTINCT FROM status AS changed
    FROM check_results WHERE kind = ${kind} AND subject = ${subject}
      -- with the one before: it says how the period began
      AND at >= coalesce((SELECT max(at) FROM check_results WHERE kind = ${kind} AND subject = ${subject} AND at <= ${begin}), ${begin})`
  const [points, gaps] = await Promise.all([
    sql<{ at: Date; status: CheckView['status']; value: number | null; words: string }>`
      WITH wanted AS (${wanted}), placed AS (
        SELECT *, CASE WHEN changed AND (SELECT count(*) FROM wanted WHERE changed) <= ${changesAtMost} THEN -row_number() OVER (ORDER BY at) ELSE tile END AS place
        FROM wanted
      ), kept AS (
        SELECT DISTINCT ON (place) at, status, value, words FROM placed
        ORDER BY place, array_position(array['critical', 'warning', 'unknown', 'ok'], status), value DESC NULLS LAST, at
      )
      SELECT * FROM kept ORDER BY at`.execute(catalog),
    sql<{ from: Date; to: Date }>`
      WITH wanted AS (${wanted}), seen AS (
        SELECT at FROM wanted UNION ALL SELECT ${check.checked_at}::timestamptz UNION ALL SELECT ${now}::timestamptz
      )
      SELECT previous AS "from", at AS "to" FROM (SELECT at, lag(at) OVER (ORDER BY at) AS previous FROM seen) AS pairs
      WHERE at - previous > make_interval(secs => ${mostSecondsBetween(kind)}) ORDER BY at`.execute(catalog),
  ])
  return {
    kind,
    title: checkKinds[kind].title,
    subject: check.subject,
    subjectName: check.subject_name,
    unit: checkKinds[kind].unit,
    points: points.rows.map((one) => ({ ...one, at: iso(one.at) })),
    gaps: gaps.rows.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
  }
}

/** A row of the history comes at least every 5 minutes, or as often as the check is made: three of these without one is a gap. */
const recordedEverySeconds = 300

function mostSecondsBetween(kind: CheckKind): number {
  return 3 * Math.max(recordedEverySeconds, checkKinds[kind].everySeconds)
}
