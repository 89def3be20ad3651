import { insertDatabase } from '#lib/catalog/databases.ts'
import type { Cluster } from './cluster.ts'
import type { Operating } from './operating.ts'

/**
 * A database as a hosted Supabase gives it: the role that connects owns it and may create neither databases nor roles, and the platform's
 * schemas belong to a role that it cannot act as, with a trigger of the user's own in one of them.
 */
export async function makeHosted(cluster: Cluster, dbname: string, owner: string): Promise<void> {
  const exists = await cluster.query('postgres', `SELECT FROM pg_roles WHERE rolname = 'supabase_admin'`)
  if (exists.length === 0) {
    await cluster.query(
      'postgres',
      `CREATE ROLE supabase_admin; CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE "${owner}" LOGIN NOCREATEDB;
       GRANT anon, authenticated TO "${owner}"`,
    )
  }
  await cluster.query('postgres', `CREATE DATABASE "${dbname}" TEMPLATE template0 OWNER "${owner}"`)
  await cluster.query(
    dbname,
    `CREATE SCHEMA auth AUTHORIZATION supabase_admin; CREATE SCHEMA extensions AUTHORIZATION supabase_admin;
     CREATE EXTENSION pgcrypto SCHEMA extensions;
     GRANT USAGE ON SCHEMA auth, extensions TO "${owner}";
     CREATE TABLE auth.users (id int PRIMARY KEY, email text);
     ALTER TABLE auth.users OWNER TO supabase_admin;
     GRANT SELECT, REFERENCES, TRIGGER ON auth.users TO "${owner}";
     INSERT INTO auth.users SELECT i, 'user' || i || '@example.org' FROM generate_series(1, 50) i`,
  )
}

/** Runs statements as the owner, who is nobody special. */
export async function asOwner(cluster: Cluster, dbname: string, owner: string, sql: string): Promise<Record<string, unknown>[]> {
  return cluster.query(dbname, `SET SESSION AUTHORIZATION "${owner}"; ${sql}`)
}

export async function registerAs(world: Operating, cluster: Cluster, dbname: string, username: string): Promise<string> {
  const { host, port } = cluster
  const row = await insertDatabase(world.catalog, { name: `${dbname}-${port}`, host, port, dbname, username, ssl_mode: 'disable' })
  if (row === null) throw new Error(`${dbname} is registered already`)
  return row.id
}
