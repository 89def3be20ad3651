import { z } from 'zod'
import { type Connection, inReadTransaction, openClient } from './connection.ts'

/** The server's own counters of a database, at a moment. Stored as JSON beside a swap. */
export const counters = z.object({
  /** when the server last began to count anew; a crash makes it do so */
  countingSince: z.string().nullable(),
  tracked: z.boolean(),
  tables: z.array(
    z.object({
      oid: z.number(),
      schema: z.string(),
      table: z.string(),
      inserted: z.number(),
      updated: z.number(),
      deleted: z.number(),
      /** TRUNCATE, VACUUM FULL and CLUSTER give a table another file */
      file: z.number(),
    }),
  ),
})
export type Counters = z.output<typeof counters>

export interface WrittenTable {
  schema: string
  table: string
  inserted: number
  updated: number
  deleted: number
  what: 'written' | 'rewritten' | 'created' | 'dropped'
}
/** unknown: the server did not count, or lost its counters in between; nobody can tell what was written. */
export type Written = { known: true; tables: WrittenTable[] } | { known: false; why: string }

/** Reads the counters of the database that `conn` names. Sessions that are still at work have counted up to a second or so ago. */
export async function readCounters(conn: Connection, signal?: AbortSignal): Promise<Counters> {
  const client = await openClient(conn, { signal })
  try {
    return await inReadTransaction(client, async () => {
      const { rows } = await client.query<{ counters: unknown }>(countersQuery)
      return counters.parse(rows[0]?.counters)
    })
  } finally {
    await client.end()
  }
}

/** What was written between two readings, by the server's own counting. Values of sequences and definitions are not counted. */
export function writtenSince(before: Counters | null, now: Counters): Written {
  if (before === null) return { known: false, why: 'Nothing was counted when the databases were swapped.' }
  if (!before.tracked || !now.tracked) return { known: false, why: 'The server does not count what is written (track_counts is off).' }
  if (before.countingSince !== now.countingSince) return { known: false, why: 'The server began to count anew since then, as it does after a crash.' }
  const earlier = new Map(before.tables.map((one) => [one.oid, one]))
  const tables: WrittenTable[] = []
  for (const { oid, schema, table, ...is } of now.tables) {
    const was = earlier.get(oid)
    earlier.delete(oid)
    const [inserted, updated, deleted] = [is.inserted - (was?.inserted ?? 0), is.updated - (was?.updated ?? 0), is.deleted - (was?.deleted ?? 0)]
    if (inserted < 0 || updated < 0 || deleted < 0) return { known: false, why: `The counters of ${schema}.${table} were reset since then.` }
    const what = was === undefined ? 'created' : was.file === is.file ? 'written' : 'rewritten'
    if (what !== 'written' || inserted + updated + deleted > 0) tables.push({ schema, table, inserted, updated, deleted, what })
  }
  for (const { schema, table } of earlier.values()) tables.push({ schema, table, inserted: 0, updated: 0, deleted: 0, what: 'dropped' })
  return { known: true, tables }
}

/** Large objects are rows of pg_largeobject. The shared counters' reset is the sign of a crash, from version 13 to 18. */
const countersQuery = `
SELECT pg_catalog.json_build_object(
  'countingSince', (SELECT b.stats_reset FROM pg_catalog.pg_stat_bgwriter b)::pg_catalog.text,
  'tracked', pg_catalog.current_setting('track_counts') = 'on',
  'tables', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('oid', c.oid::pg_catalog.int8, 'schema', n.nspname, 'table', c.relname,
      'inserted', pg_catalog.pg_stat_get_tuples_inserted(c.oid), 'updated', pg_catalog.pg_stat_get_tuples_updated(c.oid),
      'deleted', pg_catalog.pg_stat_get_tuples_deleted(c.oid), 'file', c.relfilenode::pg_catalog.int8) ORDER BY n.nspname, c.relname), '[]')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't'
      AND (c.oid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass OR n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')))
) AS counters`
