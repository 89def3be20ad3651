import type { Client } from 'pg'
import { type Connection, openClient } from './connection.ts'
import { quoteName } from './quote-name.ts'

/** All that can be granted on a database: a statement names nothing else. */
const privilegeNames = { CREATE: 'CREATE', TEMPORARY: 'TEMPORARY', CONNECT: 'CONNECT' } as const

export interface DatabasePrivilege {
  grantor: string
  /** null: PUBLIC */
  grantee: string | null
  privilege: keyof typeof privilegeNames
  grantable: boolean
}
/** What belongs to a database as a whole. pg_restore leaves it out where it restores into a database of another name. */
export interface DatabaseProperties {
  owner: string
  /** the defaults spelt out where nothing was ever granted or revoked; what somebody else than the owner granted comes after what he was granted */
  privileges: DatabasePrivilege[]
  comment: string | null
  labels: { provider: string; label: string }[]
  /** -1: none */
  connectionLimit: number
  template: boolean
}

export async function readDatabaseProperties(client: Client, name: string): Promise<DatabaseProperties | null> {
  const { rows } = await client.query<{ properties: DatabaseProperties }>(propertiesQuery, [name])
  return rows[0]?.properties ?? null
}

/**
 * Gives the database `name` the properties that its original had, each by quoted statements of our own and in a transaction of its own, then
 * reads them again. Returns what is not as it was, with the server's words where it refused: a role that is not there, one that needs a
 * superuser. `conn` is a session on another database of that server. `withoutGrants`: owner and privileges stay as they are.
 */
export async function applyDatabaseProperties(
  conn: Connection,
  options: { name: string; wanted: DatabaseProperties; withoutGrants: boolean; signal?: AbortSignal },
): Promise<{ object: string; cause: string }[]> {
  const { name, wanted } = options
  const client = await openClient(conn, { signal: options.signal, writable: true })
  const read = async (): Promise<DatabaseProperties> => {
    const found = await readDatabaseProperties(client, name)
    if (found === null) throw new Error(`the database ${name} is gone`)
    return found
  }
  try {
    const refused = new Map<string, string>()
    const apply = async (properties: readonly Property[]) => {
      const found = await read()
      for (const property of properties.filter((one) => !one.holds(found))) await tryStatements(client, property, refused)
    }
    const owner = options.withoutGrants ? [] : [ownerOf(name, wanted)]
    // who may grant what depends on the owner, so it comes first
    await apply(owner)
    const before = await read()
    const rest = [...(options.withoutGrants ? [] : privilegesOf(name, wanted, before)), ...othersOf(client, name, wanted)]
    await apply(rest)
    const after = await read()
    return [...owner, ...rest]
      .filter((one) => !one.holds(after))
      .map(({ object }) => ({ object, cause: refused.get(object) ?? 'It is not as in the backup.' }))
  } finally {
    await client.end()
  }
}

/** One thing that can be restored, and whether it is. */
interface Property {
  object: string
  statements: string[]
  holds(found: DatabaseProperties): boolean
}

function ownerOf(name: string, wanted: DatabaseProperties): Property {
  return {
    object: `owner of the database (${wanted.owner})`,
    statements: [`ALTER DATABASE ${quoteName(name)} OWNER TO ${quoteName(wanted.owner)}`],
    holds: (found) => found.owner === wanted.owner,
  }
}

/** Where the owner could not be brought back, what it granted is granted by the owner that is there, who keeps what is its own. */
function privilegesOf(name: string, wanted: DatabaseProperties, before: DatabaseProperties): Property[] {
  const expected = wanted.privileges.map((one) => (one.grantor === wanted.owner ? { ...one, grantor: before.owner } : one))
  const on = `ON DATABASE ${quoteName(name)}`
  const superfluous = before.privileges.filter(
    (one) => !expected.some((other) => isSame(one, other)) && (before.owner === wanted.owner || one.grantee !== before.owner),
  )
  return [
    ...superfluous.map(
      (one): Property => ({
        object: `${said(one)} on the database, which the original does not grant`,
        statements: [...actingAs(one, before), `REVOKE ${privilegeNames[one.privilege]} ${on} FROM ${granteeOf(one)}`],
        holds: (found) => !found.privileges.some((other) => isSame(one, other)),
      }),
    ),
    ...expected.map(
      (one): Property => ({
        object: `${said(one)} on the database`,
        statements: [
          ...actingAs(one, before),
          `GRANT ${privilegeNames[one.privilege]} ${on} TO ${granteeOf(one)}${one.grantable ? ' WITH GRANT OPTION' : ''}`,
        ],
        holds: (found) => found.privileges.some((other) => isSame(one, other)),
      }),
    ),
  ]
}

function othersOf(client: Client, name: string, wanted: DatabaseProperties): Property[] {
  const database = `DATABASE ${quoteName(name)}`
  const { comment, connectionLimit } = wanted
  return [
    {
      object: 'comment on the database',
      statements: [`COMMENT ON ${database} IS ${comment === null ? 'NULL' : client.escapeLiteral(comment)}`],
      holds: (found) => found.comment === comment,
    },
    ...wanted.labels.map(
      ({ provider, label }): Property => ({
        object: `security label of ${provider} on the database`,
        statements: [`SECURITY LABEL FOR ${quoteName(provider)} ON ${database} IS ${client.escapeLiteral(label)}`],
        holds: (found) => found.labels.some((one) => one.provider === provider && one.label === label),
      }),
    ),
    {
      object: 'connection limit of the database',
      statements: [`ALTER ${database} CONNECTION LIMIT ${Math.trunc(connectionLimit)}`],
      holds: (found) => found.connectionLimit === connectionLimit,
    },
    {
      object: 'the mark of the database as a template',
      statements: [`ALTER ${database} IS_TEMPLATE ${wanted.template ? 'true' : 'false'}`],
      holds: (found) => found.template === wanted.template,
    },
  ]
}

async function tryStatements(client: Client, property: Property, refused: Map<string, string>): Promise<void> {
  await client.query('BEGIN')
  try {
    for (const statement of property.statements) await client.query(statement)
    await client.query('COMMIT')
  } catch (error) {
    // a session that broke throws here, and so ends the restore
    await client.query('ROLLBACK')
    refused.set(property.object, error instanceof Error ? error.message : String(error))
  }
}

/** What the owner grants, a superuser grants in its name; for anybody else one has to be him. */
function actingAs(one: DatabasePrivilege, found: DatabaseProperties): string[] {
  return one.grantor === found.owner ? [] : [`SET LOCAL ROLE ${quoteName(one.grantor)}`]
}

function granteeOf(one: DatabasePrivilege): string {
  return one.grantee === null ? 'PUBLIC' : quoteName(one.grantee)
}

function said(one: DatabasePrivilege): string {
  return `privilege ${one.privilege} for ${one.grantee ?? 'PUBLIC'}${one.grantable ? ' with grant option' : ''}`
}

function isSame(one: DatabasePrivilege, other: DatabasePrivilege): boolean {
  return one.grantor === other.grantor && one.grantee === other.grantee && one.privilege === other.privilege && one.grantable === other.grantable
}

/** Shared catalogues only: readable from every database of the server. aclexplode keeps the order in which was granted. */
const propertiesQuery = `
SELECT pg_catalog.json_build_object(
  'owner', pg_catalog.pg_get_userbyid(d.datdba),
  'privileges', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
      'grantor', pg_catalog.pg_get_userbyid(a.grantor),
      'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END,
      'privilege', a.privilege_type, 'grantable', a.is_grantable) ORDER BY a.grantor <> d.datdba, a.nr), '[]')
    FROM pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba)))
         WITH ORDINALITY AS a (grantor, grantee, privilege_type, is_grantable, nr)),
  'comment', pg_catalog.shobj_description(d.oid, 'pg_database'),
  'labels', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('provider', l.provider, 'label', l.label) ORDER BY l.provider), '[]')
    FROM pg_catalog.pg_shseclabel l WHERE l.objoid = d.oid AND l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass),
  'connectionLimit', d.datconnlimit, 'template', d.datistemplate) AS properties
FROM pg_catalog.pg_database d WHERE d.datname = $1`
