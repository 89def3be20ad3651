import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { DatabaseLook } from '#lib/domain/watch/judge-database.ts'
import { withDeadline } from '../process/deadline.ts'
import { type Connection, inReadTransaction, type OpenOptions, openClient } from './connection.ts'
import { asConnectionError } from './connection-error.ts'
import { isTransactionPooler } from './pooler.ts'
import { readArchiving, readConnections, readReplication } from './probe-facts.ts'
import { readServerFacts, type ServerFacts } from './server-facts.ts'

export interface ProbeOptions {
  signal: AbortSignal
  /** one try, its questions included, in milliseconds */
  deadlineMs?: number
  /** before the second try, in milliseconds */
  againMs?: number
}
export interface Probed {
  look: DatabaseLook
  server: ServerFacts
}

const defaults = { deadlineMs: 20_000, againMs: 2_000 }
const limits: OpenOptions = { statementTimeoutMs: 8_000, lockTimeoutMs: 2_000, retryForMs: 0 }

/** These are what they are, also after a few seconds. */
const settled = new Set(['access_denied', 'tls', 'privileges', 'usage', 'refused', 'forbidden', 'key_missing'])

/**
 * Connects as a backup would, and asks how the server is: read-only, with an empty search_path and time limits, nothing of a user's called.
 * A first try that fails is repeated once. A connection that is half open ends with the deadline. Throws LifeboatError as openClient does;
 * what only the role may not see is told in the look.
 */
export async function probeDatabase(conn: Connection, options: ProbeOptions): Promise<Probed> {
  const deadlineMs = options.deadlineMs ?? defaults.deadlineMs
  try {
    return await tryOnce(conn, options.signal, deadlineMs)
  } catch (error) {
    options.signal.throwIfAborted()
    if (settled.has(asConnectionError(error, conn).code)) throw asConnectionError(error, conn)
  }
  await sleep(options.againMs ?? defaults.againMs, undefined, { signal: options.signal })
  try {
    return await tryOnce(conn, options.signal, deadlineMs)
  } catch (error) {
    options.signal.throwIfAborted()
    throw asConnectionError(error, conn)
  }
}

function tryOnce(conn: Connection, signal: AbortSignal, deadlineMs: number): Promise<Probed> {
  const late = () =>
    new LifeboatError(
      'unreachable',
      `${conn.host}:${conn.port} did not answer within ${Math.round(deadlineMs / 1000)} s.`,
      'Check the server’s load, and firewall and network between the worker and the server.',
      { detail: { reason: 'timeout' } },
    )
  return withDeadline({ ms: deadlineMs, late, signal }, async (deadline) => {
    const begun = performance.now()
    const client = await openClient(conn, { ...limits, signal: deadline })
    try {
      await client.query('SELECT 1')
      return await look(client, conn, performance.now() - begun, deadline)
    } finally {
      // behind a half-open connection a farewell is never answered
      void client.end().catch(() => {})
    }
  })
}

async function look(client: Client, conn: Connection, latencyMs: number, signal: AbortSignal): Promise<Probed> {
  const certificateEndsAt = certificateEnd(client)
  const isPooler = await poolerOrUnknown(client, conn, signal)
  const facts = await inReadTransaction(client, () => readServerFacts(client), limits)
  const ask = <T>(what: string, read: (client: Client) => Promise<T>) => askOrHide(client, what, signal, read)
  return {
    server: { ...facts, isPooler: isPooler === true },
    look: {
      latencyMs,
      version: facts.version,
      databaseBytes: facts.databaseBytes,
      isTransactionPooler: isPooler,
      connections: await ask('its connections', readConnections),
      replication: await ask('its replication', readReplication),
      archiving: await ask('its archiving', readArchiving),
      certificateEndsAt,
    },
  }
}

/** Each question in a transaction of its own: one that is refused leaves the others their answers. */
async function askOrHide<T>(
  client: Client,
  what: string,
  signal: AbortSignal,
  read: (client: Client) => Promise<T>,
): Promise<T | { hidden: string }> {
  try {
    return await inReadTransaction(client, () => read(client), limits)
  } catch (error) {
    signal.throwIfAborted()
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === '42501') return { hidden: `This role may not see ${what}: GRANT pg_monitor to it.` }
    if (code === '57014') return { hidden: `The server did not tell ${what} within ${(limits.statementTimeoutMs ?? 0) / 1000} s.` }
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return { hidden: `The server does not tell ${what} (${code}).` }
    throw error
  }
}

/** null: the second connection that it takes could not be had. */
async function poolerOrUnknown(client: Client, conn: Connection, signal: AbortSignal): Promise<boolean | null> {
  try {
    return await isTransactionPooler(client, conn, signal, 0)
  } catch (error) {
    signal.throwIfAborted()
    if (asConnectionError(error, conn).code === 'too_many_connections') return null
    throw error
  }
}

/** When the certificate ends that the server showed; null without TLS. */
function certificateEnd(client: Client): Date | null {
  // node-pg keeps the socket here and gives no other way to it
  const { connection } = client as unknown as { connection?: { stream?: unknown } }
  if (!(connection?.stream instanceof TLSSocket)) return null
  const ends = Date.parse(connection.stream.getPeerCertificate().valid_to)
  return Number.isNaN(ends) ? null : new Date(ends)
}

/** The connection failed because the server's certificate has ended. */
export function saysCertificateEnded(error: unknown): boolean {
  const cause = error instanceof LifeboatError ? error.cause : error
  return cause instanceof Error && 'code' in cause && cause.code === 'CERT_HAS_EXPIRED'
}
