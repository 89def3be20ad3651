import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Catalog } from './schema.ts'

const table = 'migrations'
const migratorLock = '5023771946208114'
/** `0001_catalogue.sql`; the generated schema.sql beside them is not one */
const migrationFile = /^\d{4}_[a-z0-9_]+\.sql$/

function directory(): string {
  return path.join(import.meta.dirname, '../../migrations')
}

/** The newest migration that this program knows: its schema version. */
export function knownSchemaVersion(dir = directory()): string {
  const names = readdirSync(dir).filter((name) => migrationFile.test(name))
  const newest = names.sort().at(-1)
  if (newest === undefined) throw new LifeboatError('failed', `There is no migration in ${dir}.`)
  return newest.replace(/\.sql$/, '')
}

/**
 * Brings the catalogue to this program's schema. Connects as the owner. Racing migrators are safe: the second waits for the
 * first's advisory lock and finds nothing to do. Refuses a catalogue that is newer than the program.
 * Returns the names of the migrations that ran.
 */
export async function migrateCatalog(ownerUrl: string, options: { dir?: string; appUrl?: string } = {}): Promise<string[]> {
  const dir = options.dir ?? directory()
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'lifeboat migrate', connectionTimeoutMillis: 10_000 })
  // a connection that breaks while idle fails the next query; without a listener it would end the process
  client.on('error', () => undefined)
  await client.connect()
  try {
    // around everything, rights included: two GRANTs on one table at once fail with "tuple concurrently updated"
    await client.query('SELECT pg_advisory_lock($1)', [migratorLock])
    await refuseNewerCatalog(client, knownSchemaVersion(dir))
    // only here: whoever merely asks whether the schema is current need not load it
    const { runner } = await import('node-pg-migrate')
    const ran = await runner({
      dbClient: client,
      dir,
      ignorePattern: '(?!\\d{4}_[a-z0-9_]+\\.sql$).*',
      direction: 'up',
      schema: 'lifeboat',
      migrationsSchema: 'lifeboat',
      createSchema: true,
      migrationsTable: table,
      checkOrder: true,
      singleTransaction: true,
      advisoryLockMode: 'wait',
      log: () => undefined,
    })
    await client.query(`REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON lifeboat.${table} FROM lifeboat_app`)
    await client.query(`GRANT SELECT ON lifeboat.${table} TO lifeboat_app`)
    await letAppLoginsIn(client, options.appUrl)
    return ran.map((migration) => migration.name)
  } finally {
    await client.end()
  }
}

async function refuseNewerCatalog(client: pg.Client, known: string): Promise<void> {
  const exists = await client.query<{ oid: number | null }>(`SELECT to_regclass('lifeboat.${table}')::oid AS oid`)
  if (exists.rows[0]?.oid == null) return
  const newest = await client.query<{ name: string | null }>(`SELECT max(name) AS name FROM lifeboat.${table}`)
  assertNotNewer(newest.rows[0]?.name ?? null, known)
}

function assertNotNewer(found: string | null, known: string): void {
  if (found === null || found <= known) return
  throw new LifeboatError('refused', `The catalogue is at ${found}, this program knows ${known}.`, 'Start the newer version of Lifeboat.')
}

/** A login that is not a superuser may only take the application's role when it is a member. */
async function letAppLoginsIn(client: pg.Client, appUrl: string | undefined): Promise<void> {
  const login = appUrl === undefined ? undefined : new URL(appUrl).username
  const members = await client.query<{ rolname: string }>(
    `SELECT rolname FROM pg_catalog.pg_roles
     WHERE rolname IN (current_user, $1) AND NOT rolsuper AND NOT pg_catalog.pg_has_role(rolname, 'lifeboat_app', 'MEMBER')`,
    [login === undefined ? '' : decodeURIComponent(login)],
  )
  for (const { rolname } of members.rows) await client.query(`GRANT lifeboat_app TO ${client.escapeIdentifier(rolname)}`)
}

/** Throws unless the catalogue is exactly at this program's schema; a worker asks before it starts, and every claim asks again. */
export async function assertSchemaIsCurrent(catalog: Kysely<Catalog>, known = knownSchemaVersion()): Promise<void> {
  const found = await foundSchemaVersion(catalog)
  assertNotNewer(found, known)
  if (found !== known) {
    throw new LifeboatError('refused', `The catalogue is at ${found ?? 'nothing'}, this program needs ${known}.`, 'Run npm run migrate.')
  }
}

export async function foundSchemaVersion(catalog: Kysely<Catalog>): Promise<string | null> {
  const row = await catalog
    .selectFrom('migrations')
    .select((eb) => eb.fn.max('name').as('name'))
    .executeTakeFirst()
  return row?.name ?? null
}
