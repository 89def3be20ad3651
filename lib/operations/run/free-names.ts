import type { Connection } from '#lib/engine/postgres/connection.ts'
import { openClient } from '#lib/engine/postgres/connection.ts'

/**
 * The names that `namesAt` makes of the time, of now or of the first second after it at which no database has one of them: two swaps within
 * a second must not want the same name.
 */
export async function freeNames<Names extends Record<string, string>>(
  door: Connection,
  namesAt: (at: Date) => Names,
  signal?: AbortSignal,
): Promise<Names> {
  const client = await openClient(door, { signal })
  try {
    for (let at = Date.now(); ; at += 1000) {
      const names = namesAt(new Date(at))
      const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_database WHERE datname = ANY ($1)', [Object.values(names)])
      if (rowCount === 0) return names
    }
  } finally {
    await client.end()
  }
}
