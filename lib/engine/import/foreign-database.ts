import { randomBytes } from 'node:crypto'
import type { Connection } from '../postgres/connection.ts'
import { openClient } from '../postgres/connection.ts'
import { createDatabase } from '../postgres/database.ts'
import type { PrivateCluster } from '../postgres/private-cluster.ts'
import { quoteName } from '../postgres/quote-name.ts'

export interface ForeignDatabaseOptions {
  dbname: string
  /** owns the database and what the dump gives to nobody */
  owner: string
  /** that the dump names */
  roles: readonly string[]
  extensions: readonly { name: string; schema: string | null }[]
  encoding: string
  collate: string
  ctype: string
  signal: AbortSignal
}

/** An empty database on a private cluster, for what somebody else's dump does. */
export interface ForeignDatabase {
  /** an ordinary role that may do what the owner and the named roles may, and nothing else */
  loader: Connection
  /** may read everything, row security aside, and write nothing of its own */
  reader: Connection
  superuser: Connection
  owner: string
  /** every role that the dump may give something to */
  roles: ReadonlySet<string>
  /** what was not possible, in words */
  notes: string[]
}

const loaderName = 'lifeboat_loader'
const readerName = 'lifeboat_reader'

/**
 * Extensions that only a superuser can create, and that neither reach beyond the database nor let others do so. Those that PostgreSQL marks as
 * trusted the loader creates itself; every other one is refused by the server.
 */
const harmlessExtensions = new Set([
  'amcheck',
  'autoinc',
  'bloom',
  'earthdistance',
  'insert_username',
  'moddatetime',
  'pg_buffercache',
  'pg_stat_statements',
  'pgrowlocks',
  'pgstattuple',
  'refint',
  'sslinfo',
])

/** Roles first, all of them without a login, then the database. Nothing of the dump has been carried out when this is done. */
export async function prepareForeignDatabase(cluster: PrivateCluster, options: ForeignDatabaseOptions): Promise<ForeignDatabase> {
  const { dbname, owner, signal } = options
  const reserved = new Set([loaderName, readerName, cluster.superuser])
  const roles = new Set([owner, ...options.roles].filter((role) => !reserved.has(role) && !role.startsWith('pg_')))
  const [loaderPassword, readerPassword] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')]
  // not from within "postgres": databases of that name are the rule at hosts such as Supabase, and theirs takes its place
  await asSuperuser(cluster, 'template1', signal, async (run) => {
    if (dbname === 'postgres') await run('DROP DATABASE postgres')
    for (const role of roles) await run(`CREATE ROLE ${quoteName(role)} NOLOGIN`)
    for (const role of roles) if (role !== owner) await run(`GRANT ${quoteName(role)} TO ${quoteName(owner)}`)
    await run(`CREATE ROLE ${loaderName} LOGIN PASSWORD '${loaderPassword}'`)
    await run(`GRANT ${quoteName(owner)} TO ${loaderName}`)
    await run(`CREATE ROLE ${readerName} LOGIN BYPASSRLS PASSWORD '${readerPassword}'`)
    await run(`GRANT ${quoteName(owner)} TO ${readerName}`)
    if (cluster.major >= 14) await run(`GRANT pg_read_all_data TO ${readerName}`)
  })
  const notes: string[] = []
  const like = { encoding: options.encoding, collate: options.collate, ctype: options.ctype, owner }
  await createDatabase(cluster.connection('template1'), dbname, like, signal).catch(async (error: unknown) => {
    signal.throwIfAborted()
    const plain = options.encoding === 'UTF8' ? 'C.UTF-8' : 'C'
    if (options.collate === plain && options.ctype === plain) throw error
    notes.push(`This machine does not know the collation ${options.collate}; the imported database sorts by ${plain}.`)
    await createDatabase(cluster.connection('template1'), dbname, { ...like, collate: plain, ctype: plain }, signal)
  })
  await asSuperuser(cluster, dbname, signal, async (run) => {
    for (const { name, schema } of options.extensions.filter((one) => harmlessExtensions.has(one.name))) {
      try {
        if (schema !== null) await run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)} AUTHORIZATION ${quoteName(owner)}`)
        await run(`CREATE EXTENSION ${quoteName(name)} SCHEMA ${quoteName(schema ?? 'public')}`)
      } catch {
        // the dump's own statement is refused for the same reason, and stands in the ledger with the server's words
        signal.throwIfAborted()
      }
    }
  })
  return {
    loader: cluster.connection(dbname, { username: loaderName, password: loaderPassword }),
    reader: cluster.connection(dbname, { username: readerName, password: readerPassword }),
    superuser: cluster.connection(dbname),
    owner,
    roles,
    notes,
  }
}

/** When the dump has been carried out: nothing of it can begin anything any more. */
export async function closeForeignDatabase(cluster: PrivateCluster, database: ForeignDatabase, signal: AbortSignal): Promise<void> {
  await asSuperuser(cluster, database.loader.dbname, signal, async (run) => {
    await run(`ALTER ROLE ${loaderName} NOLOGIN`)
    await run(`SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = '${loaderName}'`)
    await run(`REASSIGN OWNED BY ${loaderName} TO ${quoteName(database.owner)}`)
  })
}

async function asSuperuser(
  cluster: PrivateCluster,
  dbname: string,
  signal: AbortSignal,
  work: (run: (statement: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const client = await openClient(cluster.connection(dbname), { signal, writable: true })
  try {
    await work((statement) => client.query(statement))
  } finally {
    await client.end()
  }
}
