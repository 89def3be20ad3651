import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, seenOfInstallation } from '#lib/domain/watch/result.ts'

const waitWarning = 600
const waitCritical = 3_600
/** a lease is renewed every few seconds; the reaper ends those that ran out within half a minute */
const leaseSlackSeconds = 120
const cancelSeconds = 600
const longSeconds = 24 * 3_600

export async function lookAtQueue(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  return [await lookAtWaiting(catalog, now), await lookAtStuck(catalog, now)]
}

/** What waits for a worker; not what waits for another operation or for a second person. */
async function lookAtWaiting(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult> {
  const { rows } = await sql<{ count: number; age: number | null; title: string | null; id: string | null }>`
    SELECT count(*)::int AS count, extract(epoch FROM ${now}::timestamptz - min(o.created_at))::float8 AS age,
      (array_agg(o.title ORDER BY o.created_at))[1] AS title, (array_agg(o.id ORDER BY o.created_at))[1] AS id
    FROM operations o LEFT JOIN operations before ON before.id = o.after
    WHERE o.state = 'queued' AND coalesce(o.approval, 'given') = 'given' AND coalesce(before.state, 'succeeded') IN ('succeeded', 'succeeded_with_findings')`.execute(
    catalog,
  )
  const { count = 0, age = null, title = null, id = null } = rows[0] ?? {}
  if (age === null || age < waitWarning) {
    const words = count === 0 ? 'Nothing waits.' : `${countIs(count, 'operation waits', 'operations wait')}, the oldest for ${formatDuration(age)}.`
    return seenOfInstallation('queue', { status: 'ok', words, value: age ?? 0 })
  }
  const words = `${countIs(count, 'operation waits', 'operations wait')} for a worker, the oldest for ${formatDuration(age)}: ${title ?? ''}.`
  return seenOfInstallation('queue', { status: age > waitCritical ? 'critical' : 'warning', words, value: age, detail: { operationId: id } })
}

async function lookAtStuck(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult> {
  const { rows } = await sql<{ id: string; title: string; why: 'lease' | 'cancel' | 'long'; seconds: number }>`
    SELECT id, title, why, seconds FROM (
      SELECT o.id, o.title, o.created_at,
        CASE WHEN o.lease_until < ${now}::timestamptz - make_interval(secs => ${leaseSlackSeconds}) THEN 'lease'
             WHEN o.state = 'cancelling' AND o.cancel_requested_at < ${now}::timestamptz - make_interval(secs => ${cancelSeconds}) THEN 'cancel'
             WHEN o.started_at < ${now}::timestamptz - make_interval(secs => ${longSeconds}) THEN 'long' END AS why,
        extract(epoch FROM ${now}::timestamptz - o.started_at)::float8 AS seconds
      FROM operations o WHERE o.state IN ('running', 'cancelling')) stuck
    WHERE why IS NOT NULL ORDER BY created_at`.execute(catalog)
  const first = rows[0]
  if (first === undefined) return seenOfInstallation('stuck_operations', { status: 'ok', words: 'Nothing runs without moving.', value: 0 })
  const why = {
    lease: 'its worker is not heard of, and nobody has put it right',
    cancel: 'it was cancelled and does not end',
    long: `it has been running for ${formatDuration(first.seconds)}`,
  }[first.why]
  const words = `${countIs(rows.length, 'operation does', 'operations do')} not move. ${first.title}: ${why}.`
  return seenOfInstallation('stuck_operations', { status: 'warning', words, value: rows.length, detail: { operationId: first.id } })
}
