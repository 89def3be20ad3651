import type { Client } from 'pg'
import { type Connection, openClient } from './connection.ts'

/**
 * True where transactions of one session land on different server sessions: a transaction pooler, on which a dump cannot keep its snapshot.
 * Two sessions that are both alive never have the same server process on a direct or a session connection, and one session never changes it.
 * Sets nothing, as a setting would stay behind in a shared server session. `retryForMs`: as openClient's, of the second session.
 */
export async function isTransactionPooler(first: Client, conn: Connection, signal?: AbortSignal, retryForMs?: number): Promise<boolean> {
  const before = await pidOf(first)
  const second = await openClient(conn, { signal, retryForMs })
  try {
    await second.query('BEGIN')
    const other = await pidOf(second)
    if (other === before) return true
    // while the second transaction holds its server session, the first session's next transaction gets another one, or none at all
    const after = await Promise.race([pidOf(first), nothingFor(3000)])
    return after !== before
  } finally {
    await second.query('ROLLBACK').catch(() => {})
    await second.end().catch(() => {})
  }
}

async function pidOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  return rows[0]?.pid ?? 0
}

function nothingFor(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref())
}
