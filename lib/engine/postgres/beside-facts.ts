import type { Client } from 'pg'
import type { Need } from './beside-definitions.ts'
import { type Connection, openClient } from './connection.ts'
import { isTransactionPooler } from './pooler.ts'
import { readServerFacts } from './server-facts.ts'

/** What a plan must know of a live database before a table is written into it. Read in a read-only session. */
export interface LiveFacts {
  version: string
  versionNum: number
  systemIdentifier: string | null
  /** of the database */
  oid: number
  inRecovery: boolean
  /** transactions of one session land on different server sessions */
  isPooler: boolean
  role: string
  schemaExists: boolean
  /** CREATE on the table's schema */
  mayBuild: boolean
  /** new names that something has already */
  taken: string[]
  /** what the table needs and the database has not: its kind and name */
  missing: string[]
}

/** Writes nothing, and waits for no lock. */
export async function readLiveFacts(
  conn: Connection,
  wanted: { schema: string; names: readonly string[]; needs: readonly Need[] },
  signal: AbortSignal,
): Promise<LiveFacts> {
  const client = await openClient(conn, { signal })
  try {
    const server = await readServerFacts(client)
    const { rows } = await client.query<{ recovery: boolean; role: string; found: boolean; schema: boolean | null }>(
      `SELECT pg_catalog.pg_is_in_recovery() AS recovery, current_user AS role, n.oid IS NOT NULL AS found,
         pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS schema
       FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
      [wanted.schema],
    )
    const row = rows[0]
    return {
      version: server.version,
      versionNum: server.versionNum,
      systemIdentifier: server.systemIdentifier,
      oid: server.oid,
      inRecovery: row?.recovery ?? false,
      isPooler: await isTransactionPooler(client, conn, signal),
      role: row?.role ?? '',
      schemaExists: row?.found ?? false,
      mayBuild: row?.schema === true,
      taken: await takenNames(client, wanted.schema, wanted.names),
      missing: await missingNeeds(client, wanted.needs),
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

/** A function is asked for by its name alone: pg_dump does not quote it in the signature. Building the table tells the rest. */
async function missingNeeds(client: Client, needs: readonly Need[]): Promise<string[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT CASE w.kind
        WHEN 'extension' THEN EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname = w.name)
        WHEN 'type' THEN EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = w.schema AND t.typname = w.name)
        WHEN 'function' THEN EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = w.schema AND p.proname = w.name)
        WHEN 'collation' THEN EXISTS (SELECT FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE n.nspname = w.schema AND l.collname = w.name)
        ELSE EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = w.schema AND c.relname = w.name)
      END AS there
     FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS w(place pg_catalog.int4, kind pg_catalog.text, schema pg_catalog.text, name pg_catalog.text) ORDER BY w.place`,
    [JSON.stringify(needs.map((need, place) => ({ ...need, place })))],
  )
  return needs.flatMap(({ kind, schema, name }, index) =>
    rows[index]?.there === true ? [] : [`${kind} ${schema === '' ? name : `${schema}.${name}`}`],
  )
}
