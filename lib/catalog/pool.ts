import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'
import type { Catalog } from './schema.ts'

const int8 = 20

export interface CatalogOptions {
  /** `app` (the default) may not alter the catalogue or rewrite its audit trail; `owner` is for migrations and tests */
  role?: 'app' | 'owner'
  applicationName?: string
  /** connections at most */
  max?: number
}

/** The server's side of every catalogue connection, as command-line options. They need a session connection, not a transaction pooler. */
export function sessionOptions(role: 'app' | 'owner'): string {
  const settings = {
    ...(role === 'app' ? { role: 'lifeboat_app' } : {}),
    search_path: 'lifeboat',
    statement_timeout: '30s',
    lock_timeout: '10s',
    idle_in_transaction_session_timeout: '60s',
    // a peer that vanished is noticed by the server within seconds, so its locks do not outlive it
    tcp_keepalives_idle: '10',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '3',
    // our statements are many and small: compiling one took 20 ms where running it took 1 (200,000 backups)
    jit: 'off',
    TimeZone: 'UTC',
  }
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

/**
 * Opens the catalogue. Times are Date, bigint is number (sizes stay below 2^53). Close it with `destroy()`.
 * A half-open connection is given up after `query_timeout`: TCP alone would wait for a quarter of an hour.
 */
export function openCatalog(url: string, options: CatalogOptions = {}): Kysely<Catalog> {
  const pool = new pg.Pool({
    connectionString: url,
    options: sessionOptions(options.role ?? 'app'),
    application_name: options.applicationName ?? 'lifeboat',
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    query_timeout: 35_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')),
    },
  })
  pool.on('connect', endWhenSilent)
  surviveBrokenConnections(pool, 'a catalogue connection broke')
  return new Kysely<Catalog>({ dialect: new PostgresDialect({ pool }) })
}

/**
 * A connection that breaks is replaced by the pool, and whoever holds it learns so from the next query. Without listeners the
 * error would end the process: the pool hears those that are idle, and nobody those that wait between two queries of a transaction.
 */
export function surviveBrokenConnections(pool: pg.Pool, words: string): void {
  pool.on('error', (error) => log.warn(words, { reason: error.message }))
  pool.on('connect', (client) => client.on('error', (error) => log.debug(words, { reason: error.message })))
}

/**
 * A query without an answer after `query_timeout`, although the server's own limit passed before, means that the connection is
 * half-open. pg reports the query and keeps the connection, whose next user would wait in vain as well: this ends it.
 */
function endWhenSilent(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const watched = (...args: unknown[]): unknown => {
    const answer = query(...args)
    if (answer instanceof Promise) {
      answer.catch((error: unknown) => {
        // pg gives this error no code
        if (error instanceof Error && error.message === 'Query read timeout' && client instanceof pg.Client) void client.end()
      })
    }
    return answer
  }
  client.query = watched as typeof client.query
}

/**
 * Throws `transaction_pooler` unless what we asked for at the connection's start has arrived. A pooler in transaction mode drops it
 * or hands it to somebody else: the application would work as the catalogue's owner, and LISTEN and advisory locks would be lost.
 */
export async function assertSessionConnection(catalog: Kysely<Catalog>): Promise<void> {
  const session = await sql<{ role: string; path: string }>`SELECT current_user AS role, current_setting('search_path') AS path`.execute(catalog)
  const { role, path } = session.rows[0] ?? { role: '', path: '' }
  if (role === 'lifeboat_app' && path === 'lifeboat') return
  throw new LifeboatError(
    'transaction_pooler',
    'DATABASE_URL does not lead to Postgres by a session connection.',
    'Use the direct address or a pooler in session mode (on Supabase port 5432, not 6543).',
  )
}

let shared: Kysely<Catalog> | undefined

/** The process's one catalogue, from DATABASE_URL, opened on first call. */
export function catalog(): Kysely<Catalog> {
  shared ??= openCatalog(catalogUrl())
  return shared
}

export function catalogUrl(): string {
  const url = env().DATABASE_URL
  if (url === undefined) throw new LifeboatError('unavailable', 'No catalogue is configured.', 'Set DATABASE_URL, or start Lifeboat with npm start.')
  return url
}
