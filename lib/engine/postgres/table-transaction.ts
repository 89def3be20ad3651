import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import { type Connection, openClient } from './connection.ts'
import { cutOnAbort, openCopySession } from './copy-session.ts'
import { transactionStatus } from './transaction-status.ts'
import { nameOf } from './live-table.ts'
import { tableError } from './table-error.ts'

/**
 * One table is written in one transaction, of which it is always known what became of it: `onTransaction` is given its id before the first
 * write, so that a later process can ask the server, and a connection that breaks in the COMMIT is asked about here. An abort cuts the session
 * off. `untouched` says what a roll-back means. Throws `indeterminate` only where the server cannot be asked.
 */
export async function inTableTransaction<T>(
  conn: Connection,
  of: {
    table: { schema: string; table: string }
    settings: Record<string, string>
    lockTimeoutMs: number
    untouched: string
    signal: AbortSignal
    onTransaction(xid: string): Promise<void>
    beforeCommit(): Promise<void>
  },
  work: (client: Client) => Promise<T>,
): Promise<T & { xid: string }> {
  const { signal, settings, lockTimeoutMs, table, untouched } = of
  const client = await openCopySession(conn, { signal, writable: true, settings, lockTimeoutMs })
  const unwatch = cutOnAbort(client, signal)
  let done: T
  let xid = ''
  try {
    await client.query("SELECT pg_catalog.set_config('standard_conforming_strings', 'on', false)")
    await client.query('BEGIN')
    const { rows } = await client.query<{ xid: string }>('SELECT pg_catalog.txid_current()::pg_catalog.text AS xid')
    xid = rows[0]?.xid ?? ''
    await of.onTransaction(xid)
    done = await work(client)
    await of.beforeCommit()
    failPoint('table.before_commit')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    await client.end().catch(() => {})
    signal.throwIfAborted()
    throw (await databaseGone(conn, error)) ?? tableError(error, table, untouched)
  } finally {
    unwatch()
  }
  try {
    await commit(client, conn, { xid, table, untouched })
  } finally {
    await client.end().catch(() => {})
  }
  return { ...done, xid }
}

/** A connection that breaks in the COMMIT says nothing of it: the server is asked by the transaction's id. */
async function commit(
  client: Client,
  conn: Connection,
  of: { xid: string; table: { schema: string; table: string }; untouched: string },
): Promise<void> {
  try {
    await client.query('COMMIT')
  } catch (error) {
    const outcome = await outcomeOf(conn, of.xid)
    if (outcome === 'committed') return
    if (outcome === 'aborted') throw tableError(error, of.table, of.untouched)
    const gone = await databaseGone(conn, error)
    if (gone !== null) throw gone
    throw new LifeboatError(
      'indeterminate',
      `The connection broke while ${nameOf(of.table)} was committed, and the server cannot be asked what became of it.`,
      `Either all of it is there or none. Ask the server: SELECT txid_status(${of.xid}).`,
      { cause: error, detail: { xid: of.xid } },
    )
  }
  failPoint('table.committed')
}

/** Its session is gone, so it does not run for long any more. null: the server cannot be asked, or does not know. */
async function outcomeOf(conn: Connection, xid: string): Promise<'committed' | 'aborted' | null> {
  for (let tries = 0; tries < 50; tries++) {
    const status = await transactionStatus(conn, xid).catch(() => null)
    if (status !== 'in progress') return status
    await sleep(200)
  }
  return null
}

/** Whether the database itself was dropped under the work; null: it is there, or cannot be asked. */
async function databaseGone(conn: Connection, cause: unknown): Promise<LifeboatError | null> {
  if (cause instanceof LifeboatError && cause.code !== 'unreachable') return null
  try {
    await (await openClient(conn, { retryForMs: 0 })).end()
    return null
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.detail['reason'] !== 'no_database') return null
    return new LifeboatError(
      'failed',
      `The database “${conn.dbname}” was dropped in the middle of the work.`,
      'It is not there any more: restore it whole.',
      { cause },
    )
  }
}
