import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { seenOfInstallation } from '#lib/domain/watch/result.ts'

/** A web process writes every ten seconds. */
const silentSeconds = 60
/** a deploy stops one and starts the next */
const stoppedSeconds = 600

/** The workers notice a dead console. One that was stopped is told after a while; where there never was one, nothing is missed. */
export async function lookAtWeb(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{ alive: number; age: number; ended: boolean; host: string }>`
    SELECT count(*) FILTER (WHERE ended_at IS NULL AND heartbeat_at > ${now}::timestamptz - make_interval(secs => ${silentSeconds})) OVER ()::int AS alive,
      extract(epoch FROM ${now}::timestamptz - coalesce(ended_at, heartbeat_at))::float8 AS age, ended_at IS NOT NULL AS ended, host
    FROM webs WHERE heartbeat_at > ${now}::timestamptz - interval '30 days' ORDER BY heartbeat_at DESC LIMIT 1`.execute(catalog)
  const last = rows[0]
  if (last === undefined) return []
  if (last.alive > 0) return [seenOfInstallation('web', { status: 'ok', words: 'The console answers.', value: last.alive })]
  const ago = formatDuration(last.age)
  if (!last.ended) {
    return [seenOfInstallation('web', { status: 'critical', words: `The console on ${last.host} died: it was last heard of ${ago} ago.`, value: 0 })]
  }
  const words = `The console was stopped ${ago} ago, and none was started since.`
  return [seenOfInstallation('web', { status: last.age > stoppedSeconds ? 'warning' : 'unknown', words, value: 0 })]
}
