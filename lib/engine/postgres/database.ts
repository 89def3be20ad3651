import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { LifeboatError, asLifeboatError } from '#lib/domain/errors.ts'
import { type Connection, openClient } from './connection.ts'
import type { DatabaseLocale } from './database-locale.ts'

export interface DatabaseLike {
  /** as pg_encoding_to_char says it: `UTF8` */
  encoding: string
  collate: string
  ctype: string
  /** null or absent: the C library's, by collate and ctype */
  locale?: DatabaseLocale | null
  /** null or absent: the connecting role */
  owner?: string | null
}

/**
 * Creates an empty database from template0 and returns its OID. `conn` names another database on the same server.
 * Throws target_exists, privileges, too_many_connections.
 */
export async function createDatabase(conn: Connection, name: string, like: DatabaseLike, signal?: AbortSignal): Promise<number> {
  return await asWriter(conn, signal, async (client) => {
    if ((await oidOf(client, name)) !== null) throw exists(name)
    const owner = like.owner ? ` OWNER ${client.escapeIdentifier(like.owner)}` : ''
    const text = (value: string) => client.escapeLiteral(value)
    const locale = like.locale ? ` LOCALE_PROVIDER ${like.locale.provider} ${like.locale.provider}_LOCALE ${text(like.locale.locale)}` : ''
    try {
      await client.query(
        `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0 ENCODING ${text(like.encoding)} LC_COLLATE ${text(like.collate)} LC_CTYPE ${text(like.ctype)}${locale}${owner}`,
      )
    } catch (error) {
      throw createError(error, name)
    }
    const oid = await oidOf(client, name)
    if (oid === null) throw new LifeboatError('target_changed', `The database “${name}” vanished as soon as it was created.`)
    return oid
  })
}

/** Drops the database only if it still has that OID, ending its sessions; false: it is gone. The statement names it as it is called now. */
export async function dropDatabaseByOid(conn: Connection, oid: number, signal?: AbortSignal): Promise<boolean> {
  return await asWriter(conn, signal, async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_catalog.pg_database WHERE oid = $1', [oid])
    const name = rows[0]?.datname
    if (name === undefined) return false
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`)
    return true
  })
}

/** null: no such database. */
export async function databaseOid(conn: Connection, name: string, signal?: AbortSignal): Promise<number | null> {
  const client = await openClient(conn, { signal })
  try {
    return await oidOf(client, name)
  } finally {
    await client.end()
  }
}

/**
 * Ends every backend with this application_name and waits until none is left; returns how many were ended.
 * A server backend outlives its client for as long as its statement runs, and would go on writing. Throws indeterminate when some stay.
 */
export async function terminateBackends(conn: Connection, applicationName: string, waitMs = 10_000): Promise<number> {
  const client = await openClient({ ...conn, applicationName: 'lifeboat/terminate' }, { writable: true, retryForMs: waitMs })
  try {
    let ended = 0
    for (const deadline = Date.now() + waitMs; ; await sleep(50)) {
      const { rows } = await client.query<{ done: boolean }>(
        `SELECT pg_catalog.pg_terminate_backend(pid) AS done FROM pg_catalog.pg_stat_activity
         WHERE application_name = $1 AND pid <> pg_catalog.pg_backend_pid()`,
        [applicationName],
      )
      if (rows.length === 0) return ended
      ended = Math.max(ended, rows.length)
      if (Date.now() > deadline) throw new LifeboatError('indeterminate', `${rows.length} server processes of this attempt are still running.`)
    }
  } finally {
    await client.end()
  }
}

async function asWriter<T>(conn: Connection, signal: AbortSignal | undefined, work: (client: Client) => Promise<T>): Promise<T> {
  // CREATE DATABASE waits for the checkpoint of template0's copy; DROP for its sessions
  const client = await openClient(conn, { writable: true, signal, statementTimeoutMs: 600_000, lockTimeoutMs: 30_000 })
  try {
    return await work(client)
  } catch (error) {
    signal?.throwIfAborted()
    throw asLifeboatError(error)
  } finally {
    await client.end()
  }
}

async function oidOf(client: Client, name: string): Promise<number | null> {
  const { rows } = await client.query<{ oid: string }>('SELECT oid::pg_catalog.text AS oid FROM pg_catalog.pg_database WHERE datname = $1', [name])
  return rows[0] ? Number(rows[0].oid) : null
}

function exists(name: string): LifeboatError {
  return new LifeboatError('target_exists', `A database “${name}” exists already.`, 'It was not touched. Choose another name.')
}

function createError(error: unknown, name: string): LifeboatError {
  const code = (error as { code?: unknown }).code
  const message = error instanceof Error ? error.message : String(error)
  if (code === '42P04') return exists(name)
  if (code === '42501') {
    return new LifeboatError(
      'privileges',
      'The role may not create databases.',
      'Nothing was changed. Give it CREATEDB, or restore with another role.',
      { cause: error },
    )
  }
  return new LifeboatError('failed', `The database “${name}” could not be created: ${message}`, 'Nothing was changed.', { cause: error })
}
