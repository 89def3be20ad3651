import type { Client } from 'pg'
import { type Connection, openClient } from './connection.ts'

/**
 * A session for COPY: the settings that pg_dump and pg_restore give theirs, and those that the data's text depends on, so that both ends read
 * and write the same text. The caller ends it.
 */
export async function openCopySession(
  conn: Connection,
  options: { signal: AbortSignal; writable: boolean; settings: Record<string, string>; lockTimeoutMs?: number },
): Promise<Client> {
  const { signal, writable, lockTimeoutMs = 0 } = options
  const client = await openClient(conn, { signal, writable, statementTimeoutMs: 0, lockTimeoutMs })
  try {
    const settings: Record<string, string> = {
      ...options.settings,
      DateStyle: 'ISO',
      IntervalStyle: 'postgres',
      extra_float_digits: '3',
      search_path: '',
      row_security: 'off',
      xmloption: 'content',
      // or two readers of a large table would start in its middle, each somewhere else
      synchronize_seqscans: 'off',
      statement_timeout: '0',
      lock_timeout: String(lockTimeoutMs),
      idle_in_transaction_session_timeout: '0',
      default_transaction_read_only: writable ? 'off' : 'on',
    }
    for (const [name, value] of Object.entries(settings)) await client.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value])
    // from 17 on; older servers do not know it
    await client.query(`SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Cuts the session off when `signal` aborts: the server then rolls back what it was doing. Returns what takes the watch off again. */
export function cutOnAbort(client: Client, signal: AbortSignal): () => void {
  const cut = () => cutOff(client)
  signal.addEventListener('abort', cut, { once: true })
  if (signal.aborted) cut()
  return () => signal.removeEventListener('abort', cut)
}

export function cutOff(client: Client): void {
  ;(client as Client & { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
}
