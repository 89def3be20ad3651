import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from './connection.ts'
import { openCopySession } from './copy-session.ts'
import { type CloneSequence, type CloneTable, qualified, readCloneRelations } from './clone-tables.ts'
import { type LargeObject, readLargeObjects } from './clone-objects.ts'
import { sourceError } from './clone-error.ts'

export interface SequenceState {
  schema: string
  name: string
  lastValue: string
  isCalled: boolean
}
/** One moment of a live database, held open: every session that imports `id` sees the same rows. */
export interface CloneSnapshot {
  id: string
  versionNum: number
  /** in which rows are read and written */
  encoding: string
  /** a standby has no rows of unlogged tables, and lets nobody read them */
  inRecovery: boolean
  tables: (CloneTable & { pages: number; bytes: number })[]
  /** unlogged, on a standby: what they hold is not there */
  withoutRows: { schema: string; table: string }[]
  sequences: SequenceState[]
  largeObjects: LargeObject[]
  /** throws when the session that holds snapshot and locks broke: what was read since is not of one moment */
  assertHeld(): Promise<void>
  close(): Promise<void>
}

const attempts = 5
const lockWaitMs = 60_000

/**
 * Takes a snapshot and exports it, and locks every table against being dropped or rewritten (ACCESS SHARE, as pg_dump does). A table that was
 * rewritten between the two (TRUNCATE, ALTER … TYPE) would read as empty: then the snapshot is given back and taken again.
 * Works on a standby too. Throws privileges, lock_timeout, unreachable.
 */
export async function openSnapshot(conn: Connection, signal: AbortSignal): Promise<CloneSnapshot> {
  const client = await openCopySession(conn, { signal, writable: false, settings: {}, lockTimeoutMs: lockWaitMs })
  try {
    for (let attempt = 1; ; attempt++) {
      const taken = await takeSnapshot(client)
      if (taken !== null) return taken
      signal.throwIfAborted()
      await client.query('ROLLBACK')
      if (attempt === attempts) throw changing()
    }
  } catch (error) {
    await client.end().catch(() => {})
    signal.throwIfAborted()
    throw sourceError(error, 'the list of tables')
  }
}

async function takeSnapshot(client: Client): Promise<CloneSnapshot | null> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const { rows } = await client.query<{ id: string; version: number; encoding: string; recovery: boolean }>(
    `SELECT pg_catalog.pg_export_snapshot() AS id, pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version,
       pg_catalog.current_setting('server_encoding') AS encoding, pg_catalog.pg_is_in_recovery() AS recovery`,
  )
  const facts = rows[0]
  // it becomes a part of statements on the other server
  if (facts === undefined || !/^\w+$/.test(facts.encoding)) throw new Error('the server exported no snapshot')
  const { id, version: versionNum, encoding, recovery: inRecovery } = facts
  const found = await readCloneRelations(client)
  const there = (one: { unlogged: boolean }) => !(inRecovery && one.unlogged)
  const tables = found.tables.filter(there)
  const sizes = await lockAndMeasure(client, tables)
  if (sizes === null) return null
  return {
    id,
    versionNum,
    encoding,
    inRecovery,
    tables: tables.map((table) => ({ ...table, ...(sizes.get(table.oid) ?? { pages: 0, bytes: 0 }) })),
    withoutRows: [...found.tables, ...found.sequences.map((one) => ({ ...one, table: one.name }))]
      .filter((one) => !there(one))
      .map(({ schema, table }) => ({ schema, table })),
    sequences: await readSequences(client, found.sequences.filter(there)),
    largeObjects: await readLargeObjects(client),
    async assertHeld() {
      await client.query('SELECT 1').catch((error: unknown) => {
        throw sourceError(error, 'its snapshot')
      })
    },
    async close() {
      await client.end().catch(() => {})
    },
  }
}

/** null: one of them was rewritten since the snapshot was taken. Sizes with what is stored out of line. */
async function lockAndMeasure(client: Client, tables: readonly CloneTable[]): Promise<Map<number, { pages: number; bytes: number }> | null> {
  for (let at = 0; at < tables.length; at += 200) {
    const names = tables.slice(at, at + 200).map(({ schema, table }) => `ONLY ${qualified(schema, table)}`)
    await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`)
  }
  const { rows } = await client.query<{ oid: string; file: string | null; pages: string; bytes: string }>(
    `SELECT o::pg_catalog.text AS oid, pg_catalog.pg_relation_filenode(o)::pg_catalog.text AS file,
       (pg_catalog.pg_relation_size(o) / pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.text AS pages,
       pg_catalog.pg_table_size(o)::pg_catalog.text AS bytes
     FROM pg_catalog.unnest($1::pg_catalog.oid[]) o`,
    [tables.map((table) => table.oid)],
  )
  const now = new Map(rows.map((row) => [Number(row.oid), row]))
  if (tables.some((table) => now.get(table.oid)?.file !== table.file)) return null
  return new Map(rows.map((row) => [Number(row.oid), { pages: Number(row.pages), bytes: Number(row.bytes) }]))
}

/**
 * nextval knows no snapshot: a sequence shows its state of this moment, which is after the snapshot and so never behind a row that it has.
 * This is how pg_dump reads them.
 */
export async function readSequences(client: Client, sequences: readonly Pick<CloneSequence, 'schema' | 'name'>[]): Promise<SequenceState[]> {
  const states: SequenceState[] = []
  for (let at = 0; at < sequences.length; at += 100) {
    const some = sequences.slice(at, at + 100)
    const selects = some.map(
      ({ schema, name }, index) =>
        `SELECT ${index} AS index, last_value::pg_catalog.text AS last, is_called AS called FROM ${qualified(schema, name)}`,
    )
    const { rows } = await client.query<{ index: number; last: string; called: boolean }>(selects.join(' UNION ALL '))
    for (const row of rows) {
      const one = some[row.index]
      if (one !== undefined) states.push({ schema: one.schema, name: one.name, lastValue: row.last, isCalled: row.called })
    }
  }
  return states
}

function changing(): LifeboatError {
  return new LifeboatError(
    'conflict',
    'Tables of the source are emptied or rewritten so often that no moment could be held.',
    'Nothing was written. Try again when that has ended.',
  )
}
