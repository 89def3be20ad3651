import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, seenOf } from '#lib/domain/watch/result.ts'

/** a first failure is tried again within a minute */
const failingSeconds = 300

/** A channel that carries nothing is told by the others. */
export async function lookAtChannels(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{
    id: string
    name: string
    paused: boolean
    failing: number | null
    problem: string | null
    okAt: Date | null
    waiting: number
    /** how long the oldest due message has waited, in seconds */
    due: number | null
  }>`
    SELECT c.id, c.name, c.paused_at IS NOT NULL AS paused, extract(epoch FROM ${now}::timestamptz - c.failing_since)::float8 AS failing, c.problem,
      c.last_ok_at AS "okAt", (SELECT count(*)::int FROM messages m WHERE m.channel_id = c.id AND m.state = 'waiting') AS waiting,
      (SELECT extract(epoch FROM ${now}::timestamptz - min(m.created_at))::float8 FROM messages m
        WHERE m.channel_id = c.id AND m.state = 'waiting' AND m.tries = 0) AS due
    FROM channels c WHERE c.removed_at IS NULL ORDER BY c.name`.execute(catalog)
  return rows.map(({ paused, failing, problem, okAt, waiting, due, ...channel }) => {
    if (paused) return seenOf('channel', channel, { status: 'unknown', words: 'It is paused: nobody is told by it.', value: waiting })
    if (failing !== null && failing > failingSeconds) {
      const words = `It has carried nothing for ${formatDuration(failing)}. ${problem ?? 'It does not answer.'} ${countIs(waiting, 'message waits', 'messages wait')}.`
      return seenOf('channel', channel, { status: 'warning', words, value: waiting })
    }
    if (due !== null && due > failingSeconds) {
      const words = `Nobody has tried to send its messages for ${formatDuration(due)}: no worker that holds the key is there. ${countIs(waiting, 'message waits', 'messages wait')}.`
      return seenOf('channel', channel, { status: 'warning', words, value: waiting })
    }
    if (okAt === null)
      return seenOf('channel', channel, { status: 'unknown', words: 'No message went by it yet: press its test button.', value: waiting })
    return seenOf('channel', channel, { status: 'ok', words: 'The last message arrived.', value: waiting })
  })
}
