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

const pointsAtMost = 2_000

/**
 * What a check saw in the last hours, and where it saw nothing. More than 2000 points are thinned: of every stretch its worst stays, so no fault
 * falls out of the picture.
 */
export async function readCheckHistory(catalog: Kysely<Catalog>, actor: Actor, asked: z.output<typeof historyQuery>): Promise<CheckHistory> {
  const check = await catalog
    .selectFrom('checks')
    .selectAll()
    .where('kind', '=', asked.kind)
    .where('subject', '=', asked.subject)
    .where(seenBy(actor, 'checks.database_id'))
    .executeTakeFirst()
  if (check === undefined) throw notFound('check')
  const now = await catalogueNow(catalog)
  const begin = new Date(now.getTime() - asked.hours * 3_600_000)
  const { rows } = await sql<{ at: Date; status: CheckView['status']; value: number | null; words: string }>`
    WITH wanted AS (
      SELECT at, status, value, words, ntile(${pointsAtMost}) OVER (ORDER BY at) AS tile FROM check_results
      WHERE kind = ${asked.kind} AND subject = ${asked.subject}
        -- with the one before: it says how the period began
        AND at >= coalesce((SELECT max(at) FROM check_results WHERE kind = ${asked.kind} AND subject = ${asked.subject} AND at <= ${begin}), ${begin})
    )
    SELECT DISTINCT ON (tile) at, status, value, words FROM wanted
    ORDER BY tile, array_position(array['critical', 'warning', 'unknown', 'ok'], status), value DESC NULLS LAST, at`.execute(catalog)
  const points = rows.toSorted((a, b) => a.at.getTime() - b.at.getTime())
  return {
    kind: asked.kind,
    title: checkKinds[asked.kind].title,
    subject: check.subject,
    subjectName: check.subject_name,
    unit: checkKinds[asked.kind].unit,
    points: points.map((one) => ({ ...one, at: iso(one.at) })),
    gaps: gapsOf(asked.kind, [...points.map((one) => one.at), check.checked_at], now),
  }
}

/** A row of the history comes at least every 5 minutes, or as often as the check is made: three of these without one is a gap. */
const recordedEverySeconds = 300

function gapsOf(kind: CheckKind, seen: readonly Date[], now: Date): { from: string; to: string }[] {
  const most = 3_000 * Math.max(recordedEverySeconds, checkKinds[kind].everySeconds)
  const at = [...seen.map((one) => one.getTime()), now.getTime()].toSorted((a, b) => a - b)
  return at.flatMap((to, index) => {
    const from = at[index - 1]
    return from !== undefined && to - from > most ? [{ from: new Date(from).toISOString(), to: new Date(to).toISOString() }] : []
  })
}
