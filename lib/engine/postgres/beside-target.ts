import type { Client } from 'pg'
import type { BesideTable, Need } from './beside-definitions.ts'
import { type Connection, openClient } from './connection.ts'

/** What a restore beside needs to know of the database that it writes into. Read in one read-only session. */
export interface BesideTarget {
  databaseOid: number
  mayCreate: boolean
  /** new names that something has already */
  taken: string[]
  missing: Need[]
  /** `extension 1.2`-like texts are not compared: only what the table itself speaks of is asked for */
  encoding: string
  /** the live table, whose size says what comes on top; null: there is none */
  liveBytes: number | null
}

/** Writes nothing, and waits for no lock. */
export async function lookBeside(
  conn: Connection,
  beside: Pick<BesideTable, 'schema' | 'table' | 'names' | 'needs'>,
  signal: AbortSignal,
): Promise<BesideTarget> {
  const client = await openClient(conn, { signal })
  try {
    const { rows } = await client.query<{ oid: string; may_create: boolean; encoding: string; pages: string | null }>(
      `SELECT d.oid::pg_catalog.text AS oid, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
         COALESCE((SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1), false) AS may_create,
         (SELECT (c.relpages::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.text
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')) AS pages
       FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
      [beside.schema, beside.table],
    )
    const facts = rows[0]
    return {
      databaseOid: Number(facts?.oid ?? 0),
      mayCreate: facts?.may_create ?? false,
      encoding: facts?.encoding ?? 'UTF8',
      liveBytes: facts?.pages === null || facts === undefined ? null : Number(facts.pages),
      taken: await takenNames(client, beside.schema, beside.names),
      missing: await missingNeeds(client, beside.needs),
    }
  } finally {
    await client.end()
  }
}

/** A table also takes the name of a type. */
async function takenNames(client: Client, schema: string, names: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT x.name FROM pg_catalog.pg_namespace n, LATERAL (
       SELECT c.relname::pg_catalog.text AS name FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
       UNION ALL SELECT t.typname::pg_catalog.text FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid
       UNION ALL SELECT s.stxname::pg_catalog.text FROM pg_catalog.pg_statistic_ext s WHERE s.stxnamespace = n.oid) x
     WHERE n.nspname = $1 AND x.name = ANY($2::pg_catalog.text[]) ORDER BY 1`,
    [schema, names],
  )
  return rows.map((row) => row.name)
}

async function missingNeeds(client: Client, needs: readonly Need[]): Promise<Need[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT CASE w.kind
        WHEN 'schema' THEN EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = w.name)
        WHEN 'extension' THEN EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname = w.name)
        WHEN 'type' THEN EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = w.schema AND t.typname = w.name)
        WHEN 'function' THEN EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = w.schema AND p.proname = w.name)
        WHEN 'collation' THEN EXISTS (SELECT FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE n.nspname = w.schema AND l.collname = w.name)
        ELSE EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = w.schema AND c.relname = w.name)
      END AS there
     FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS w(place pg_catalog.int4, kind pg_catalog.text, schema pg_catalog.text, name pg_catalog.text) ORDER BY w.place`,
    [JSON.stringify(needs.map((need, place) => ({ ...need, place })))],
  )
  return needs.filter((_, index) => rows[index]?.there !== true)
}
