import { type Connection, openClient } from './connection.ts'
import { quoteName } from './quote-name.ts'
import { readServerFacts } from './server-facts.ts'
import type { TocEntry } from './toc.ts'

/** What a plan must know of a live database before a table is written into it. Read in a read-only session. */
export interface LiveFacts {
  version: string
  versionNum: number
  systemIdentifier: string | null
  /** of the database */
  oid: number
  inRecovery: boolean
  role: string
  schemaExists: boolean
  /** CREATE on the database, for the schema in which the table is built, and on the table's schema */
  mayBuild: boolean
  nameTaken: boolean
  /** types, functions, sequences, collations and extensions that the table needs and the database has not */
  missing: string[]
}

export async function readLiveFacts(
  conn: Connection,
  wanted: { schema: string; name: string; needs: readonly TocEntry[] },
  signal: AbortSignal,
): Promise<LiveFacts> {
  const client = await openClient(conn, { signal })
  try {
    const server = await readServerFacts(client)
    const { rows } = await client.query<{
      recovery: boolean
      role: string
      found: boolean
      database: boolean
      schema: boolean | null
      taken: boolean
    }>(
      `SELECT pg_catalog.pg_is_in_recovery() AS recovery, current_user AS role, n.oid IS NOT NULL AS found,
         pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS database,
         pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS schema,
         EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = $2) AS taken
       FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
      [wanted.schema, wanted.name],
    )
    const row = rows[0]
    const missing: string[] = []
    for (const entry of wanted.needs) {
      const question = questionAbout(entry)
      if (question === null) continue
      const found = await client.query<{ there: boolean }>(`SELECT ${question.sql} AS there`, [question.name])
      if (found.rows[0]?.there !== true) missing.push(`${entry.desc.toLowerCase()} ${entry.schema === null ? '' : `${entry.schema}.`}${entry.tag}`)
    }
    return {
      version: server.version,
      versionNum: server.versionNum,
      systemIdentifier: server.systemIdentifier,
      oid: server.oid,
      inRecovery: row?.recovery ?? false,
      role: row?.role ?? '',
      schemaExists: row?.found ?? false,
      mayBuild: row?.database === true && row.schema === true,
      nameTaken: row?.taken ?? false,
      missing,
    }
  } finally {
    await client.end()
  }
}

/** null: it cannot be asked for by its entry alone; building the table tells. */
function questionAbout(entry: TocEntry): { sql: string; name: string } | null {
  const schema = entry.schema === null ? '' : `${quoteName(entry.schema)}.`
  const qualified = `${schema}${quoteName(entry.tag)}`
  switch (entry.desc) {
    case 'TYPE':
    case 'DOMAIN':
      return { sql: 'pg_catalog.to_regtype($1) IS NOT NULL', name: qualified }
    case 'SEQUENCE':
      return { sql: 'pg_catalog.to_regclass($1) IS NOT NULL', name: qualified }
    case 'COLLATION':
      return {
        sql: `EXISTS (SELECT FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
                WHERE pg_catalog.format('%s.%s', n.nspname, c.collname) = $1)`,
        name: `${entry.schema ?? ''}.${entry.tag}`,
      }
    case 'EXTENSION':
      return { sql: 'EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = $1)', name: entry.tag }
    case 'FUNCTION':
    case 'AGGREGATE':
      // the tag is `name(types)`, its name quoted where it must be
      return { sql: 'pg_catalog.to_regprocedure($1) IS NOT NULL', name: `${schema}${entry.tag}` }
    default:
      return null
  }
}
