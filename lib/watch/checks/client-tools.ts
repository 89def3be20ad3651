import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { aliveSeconds } from '#lib/catalog/workers.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'

/** pg_dump refuses a server that is newer than itself: of each database, whether a live worker has tools for it. */
export async function lookAtClientTools(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{ id: string; name: string; major: number | null; newest: number | null; workers: number }>`
    SELECT d.id, d.name, d.server_version_num / 10000 AS major, have.newest, have.workers
    FROM databases d CROSS JOIN (
      SELECT max(t.major) AS newest, count(DISTINCT w.id)::int AS workers
      FROM workers w LEFT JOIN LATERAL unnest(w.tool_majors) AS t(major) ON true
      WHERE w.ended_at IS NULL AND w.heartbeat_at > ${now}::timestamptz - make_interval(secs => ${aliveSeconds})) have
    WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  return rows.map(({ major, newest, workers, ...database }) => {
    if (major === null) return seenOfDatabase('client_tools', database, { status: 'unknown', words: 'Its version is not known yet.' })
    if (workers === 0) return seenOfDatabase('client_tools', database, { status: 'unknown', words: 'No worker is alive to have tools for it.' })
    if (newest !== null && newest >= major) {
      return seenOfDatabase('client_tools', database, { status: 'ok', words: `A worker has tools for PostgreSQL ${major}.` })
    }
    const have = newest === null ? 'No worker has any' : `The newest of any worker are for ${newest}`
    const words = `It runs PostgreSQL ${major}, and no worker has client tools for it. ${have}: it cannot be backed up.`
    return seenOfDatabase('client_tools', database, { status: 'critical', words, detail: { major } })
  })
}
