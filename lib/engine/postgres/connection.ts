import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { isHost, isLoopback } from '#lib/domain/connection-url.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertLiteralAllowed } from '#lib/egress/checked-lookup.ts'
import { checkedSocket } from './checked-socket.ts'
import { asConnectionError } from './connection-error.ts'
import { isPrivateSocket } from './private-sockets.ts'

/** Where and as whom to connect. The password leaves this object only into a 0600 password file or node-pg. */
export interface Connection {
  host: string
  port: number
  dbname: string
  username: string
  password: string | null
  /** `disable` is accepted for loopback only */
  sslMode: 'verify-full' | 'disable'
  /** CA certificates that replace the system's; null: the system's */
  caPem: string | null
  /** at most 63 bytes; every backend of the attempt carries it */
  applicationName: string
}

export interface OpenOptions {
  signal?: AbortSignal
  /** a session that may write; default false: read-only */
  writable?: boolean
  /** how long "too many clients" and "starting up" are tried again, with jitter; default 10 s */
  retryForMs?: number
  statementTimeoutMs?: number
  lockTimeoutMs?: number
}

/** Fails closed: without TLS no byte, and no password, goes beyond this machine. */
export function assertTransport(conn: Connection): void {
  if (isPrivateSocket(conn.host)) return
  if (!isHost(conn.host)) throw new LifeboatError('usage', 'The host is neither a host name nor an IP address.', 'Nothing was contacted.')
  if (conn.sslMode === 'disable' && !isLoopback(conn.host)) {
    throw new LifeboatError(
      'tls',
      `The connection to ${conn.host} would not be encrypted, and that is refused outside this machine.`,
      'Nothing was sent. Switch TLS on at the server and upload its CA certificate if it is a private one.',
    )
  }
  assertLiteralAllowed(conn.host)
}

/**
 * Opens a session with an empty search_path, read-only, with statement and lock timeouts: given at start-up, where they win over
 * ALTER DATABASE and ALTER ROLE. A pooler that refuses start-up options gets a session without them; use inReadTransaction, which sets
 * them again and leaves nothing behind in a shared session. Throws LifeboatError. The caller ends it.
 */
export async function openClient(conn: Connection, options: OpenOptions = {}): Promise<Client> {
  assertTransport(conn)
  const deadline = Date.now() + (options.retryForMs ?? 10_000)
  for (let wait = 250; ; wait = Math.min(wait * 2, 3000)) {
    options.signal?.throwIfAborted()
    try {
      return await connectOnce(conn, sessionOptions(options), options.signal)
    } catch (error) {
      options.signal?.throwIfAborted()
      const known = asConnectionError(error, conn)
      const transient = known.code === 'too_many_connections' || known.detail.reason === 'starting'
      const pause = wait * (0.5 + Math.random())
      if (!transient || Date.now() + pause > deadline) throw known
      await sleep(pause, undefined, { signal: options.signal })
    }
  }
}

/** `BEGIN READ ONLY` with the safe settings as local ones, then `work`, then ROLLBACK: nothing outlives it, whatever sits in between. */
export async function inReadTransaction<T>(client: Client, work: () => Promise<T>, options: OpenOptions = {}): Promise<T> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    await client.query(
      `SELECT pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('statement_timeout', $1, true),
              pg_catalog.set_config('lock_timeout', $2, true), pg_catalog.set_config('row_security', 'off', true)`,
      [String(options.statementTimeoutMs ?? 60_000), String(options.lockTimeoutMs ?? 5000)],
    )
    return await work()
  } finally {
    await client.query('ROLLBACK').catch(() => client.end())
  }
}

function sessionOptions(options: OpenOptions): string {
  const settings = {
    search_path: '',
    default_transaction_read_only: options.writable ? 'off' : 'on',
    statement_timeout: String(options.statementTimeoutMs ?? 60_000),
    lock_timeout: String(options.lockTimeoutMs ?? 5000),
    idle_in_transaction_session_timeout: '0',
  }
  return startupOptions(settings)
}

/** `-c name=value …` as the server splits it: blanks and backslashes escaped. */
export function startupOptions(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\\s]/g, (found) => `\\${found}`)}`)
    .join(' ')
}

async function connectOnce(conn: Connection, options: string | undefined, signal?: AbortSignal): Promise<Client> {
  const client = new Client({
    host: conn.host,
    port: conn.port,
    database: conn.dbname,
    user: conn.username,
    password: conn.password ?? '',
    ssl: conn.sslMode === 'disable' ? false : { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(conn.caPem ? { ca: conn.caPem } : {}) },
    application_name: conn.applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...(isPrivateSocket(conn.host) ? {} : { stream: checkedSocket }),
    options,
  })
  // after the connection broke, the next query reports it; without a listener Node would end the process
  client.on('error', () => {})
  const stop = () => void client.end().catch(() => {})
  signal?.addEventListener('abort', stop, { once: true })
  client.once('end', () => signal?.removeEventListener('abort', stop))
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    if (options !== undefined && refusesOptions(error)) return await connectOnce(conn, undefined, signal)
    throw error
  }
}

/** pgbouncer: `unsupported startup parameter: options`, or `… in options: search_path`. */
function refusesOptions(error: unknown): boolean {
  return error instanceof Error && error.message.includes('unsupported startup parameter')
}
