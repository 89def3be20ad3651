import type { Client } from 'pg'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import { type ArchiveSql, createStatements, dropStatements } from './archive-sql.ts'
import { type Connection, openClient } from './connection.ts'
import { copyIn } from './copy-in.ts'
import { copyStatementOf } from './copy-statement.ts'
import type { InPlaceChoice } from './in-place-choose.ts'
import { nameOfEntry } from './in-place-entries.ts'
import { statementError } from './in-place-error.ts'
import { loadLargeObjects } from './large-object-load.ts'
import { quoteName } from './quote-name.ts'
import type { Source } from './restore-data.ts'
import { copyError } from './restore-error.ts'
import type { Toc, TocEntry } from './toc.ts'

export interface InPlaceOptions {
  /** staging directory, pg_restore and signal; `toc` is the backup's */
  archive: ArchiveSql
  toc: Toc
  /** toc.dat of the live schema that the choice was made with */
  liveToc: Buffer
  choice: Pick<InPlaceChoice, 'create' | 'data' | 'drop' | 'recreate'>
  /** dump id -> its authenticated plaintext */
  entries: ReadonlyMap<number, Source>
  /** the packed large objects; null where the backup has none */
  largeObjects: Source | null
  /** OIDs of live large objects that the backup replaces */
  replacedObjects: readonly number[]
  /** live materialised views that are made again, and were filled */
  refresh: readonly TocEntry[]
  /** those that COPY text depends on (sessionSettings) */
  settings: Record<string, string>
  /** how long one lock may be waited for, while everybody else waits behind us; default 60 s */
  lockTimeoutMs?: number
  /** the transaction's id, before its first write: whoever finds this attempt dead asks the server what became of it. A throw ends it. */
  onBegun(transactionId: string): Promise<void>
  onProgress(progress: InPlaceProgress): void
}
export interface InPlaceProgress {
  phase: 'schema' | 'data' | 'indexes' | 'committing'
  tablesDone: number
  tablesTotal: number
  rawBytes: number
}

/**
 * Replaces what is chosen in one transaction on one session: drops, the schema, the rows, everything else, then what depended on it, and
 * commits. Resolves when the server has confirmed the commit. Whatever throws before the commit was sent leaves the database as it was;
 * `committing` in the error's detail says that it may have been sent.
 */
export async function restoreInPlace(conn: Connection, options: InPlaceOptions): Promise<{ tables: number; rawBytes: number }> {
  const client = await openSession(conn, options)
  const { signal } = options.archive
  const cut = () => (client as Client & { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  signal.addEventListener('abort', cut, { once: true })
  const progress: InPlaceProgress = { phase: 'schema', tablesDone: 0, tablesTotal: options.choice.data.length, rawBytes: 0 }
  try {
    await inTransaction(client, options, (change) => options.onProgress(Object.assign(progress, change)), progress)
    return { tables: progress.tablesDone, rawBytes: progress.rawBytes }
  } catch (error) {
    const known = signal.aborted ? asLifeboatError(signal.reason) : asLifeboatError(error)
    throw new LifeboatError(known.code, known.message, known.hint, {
      cause: error,
      detail: { ...known.detail, committing: progress.phase === 'committing' },
    })
  } finally {
    signal.removeEventListener('abort', cut)
    // a session that ends without a commit is rolled back
    await client.end().catch(() => undefined)
  }
}

async function inTransaction(
  client: Client,
  options: InPlaceOptions,
  tell: (change: Partial<InPlaceProgress>) => void,
  progress: InPlaceProgress,
): Promise<void> {
  const { archive, choice, toc } = options
  const live: ArchiveSql = { ...archive, toc: options.liveToc, noOwner: false, noPrivileges: false }
  const ids = (entries: readonly TocEntry[]) => entries.map((entry) => entry.dumpId)
  const isBefore = (section: number) => section === 2
  const before = choice.create.filter((entry) => isBefore(entry.section))
  const after = choice.create.filter((entry) => !isBefore(entry.section))

  await client.query('BEGIN')
  const transactionId = await currentTransaction(client)
  await options.onBegun(transactionId)
  failPoint('in_place.begun')
  tell({ phase: 'schema' })
  await all(client, dropStatements(live, ids(choice.drop)))
  await unlinkObjects(client, options.replacedObjects)
  await all(client, overTheLiveOnes(createStatements(archive, [...ids(before), ...toc.largeObjects.dumpIds(isBefore)])))
  failPoint('in_place.pre_data')
  tell({ phase: 'data' })
  const onBytes = (count: number) => tell({ rawBytes: progress.rawBytes + count })
  if (options.largeObjects) await loadLargeObjects(client, await options.largeObjects(), onBytes)
  for (const entry of choice.data) {
    await loadTable(client, { entry, encoding: toc.encoding }, options.entries.get(entry.dumpId), onBytes)
    tell({ tablesDone: progress.tablesDone + 1 })
    failPoint('in_place.table')
  }
  tell({ phase: 'indexes' })
  await all(client, createStatements(archive, [...ids(after), ...toc.largeObjects.dumpIds((section) => !isBefore(section))]))
  await all(client, createStatements(live, ids(choice.recreate)))
  for (const view of options.refresh) {
    await run(client, `REFRESH MATERIALIZED VIEW ${quoteName(view.schema ?? '')}.${quoteName(view.tag)}`)
  }
  if ((await currentTransaction(client)) !== transactionId) throw new LifeboatError('failed', 'The transaction of the restore was ended from within.')
  // a cancel between the last statement and the commit is still a cancel
  archive.signal.throwIfAborted()
  failPoint('in_place.before_commit')
  tell({ phase: 'committing' })
  // the answer to the commit of a transaction that has failed is ROLLBACK, and no error
  const { command } = await client.query('COMMIT')
  if (command !== 'COMMIT') throw new LifeboatError('failed', `The server answered the commit with ${command}.`)
  failPoint('in_place.committed')
}

async function loadTable(
  client: Client,
  { entry, encoding }: { entry: TocEntry; encoding: string },
  source: Source | undefined,
  onBytes: (count: number) => void,
): Promise<void> {
  const statement = copyStatementOf(entry, encoding)
  if (source === undefined) throw new LifeboatError('missing', `The backup has no data for ${nameOfEntry(entry)}.`, 'Use another copy.')
  try {
    await copyIn(client, statement, await source(), onBytes)
  } catch (error) {
    throw copyError(error, entry)
  }
}

/** Functions that were not dropped are made over the live ones. */
async function* overTheLiveOnes(statements: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const statement of statements) yield statement.replace(/^CREATE (FUNCTION|PROCEDURE) /, 'CREATE OR REPLACE $1 ')
}

async function all(client: Client, statements: AsyncIterable<string>): Promise<void> {
  for await (const statement of statements) await run(client, statement)
}

async function run(client: Client, statement: string): Promise<void> {
  try {
    await client.query(statement)
  } catch (error) {
    throw statementError(error, statement)
  }
}

const objectsAtOnce = 1000

async function unlinkObjects(client: Client, oids: readonly number[]): Promise<void> {
  for (let at = 0; at < oids.length; at += objectsAtOnce) {
    const statement = 'SELECT pg_catalog.count(pg_catalog.lo_unlink(o)) FROM pg_catalog.unnest($1::pg_catalog.oid[]) o'
    try {
      await client.query(statement, [oids.slice(at, at + objectsAtOnce)])
    } catch (error) {
      throw statementError(error, statement)
    }
  }
}

async function currentTransaction(client: Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_catalog.txid_current()::pg_catalog.text AS id')
  return rows[0]?.id ?? ''
}

/** As pg_restore sets its sessions, and without a limit in time but for locks: everybody waits behind one who waits for a lock. */
async function openSession(conn: Connection, { archive, settings, lockTimeoutMs = 60_000 }: InPlaceOptions): Promise<Client> {
  const client = await openClient(conn, { signal: archive.signal, writable: true, statementTimeoutMs: 0, lockTimeoutMs })
  const wanted: Record<string, string> = {
    ...settings,
    client_encoding: 'UTF8',
    DateStyle: 'ISO',
    IntervalStyle: 'postgres',
    search_path: '',
    check_function_bodies: 'off',
    client_min_messages: 'warning',
    row_security: 'off',
    xmloption: 'content',
    standard_conforming_strings: 'on',
    lock_timeout: String(lockTimeoutMs),
    statement_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    default_transaction_read_only: 'off',
    default_transaction_isolation: 'read committed',
  }
  for (const [name, value] of Object.entries(wanted)) await client.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value])
  // from 17 on; older servers do not know it
  await client.query(`SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`)
  return client
}
