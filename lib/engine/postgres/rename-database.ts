import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { quoteName } from './quote-name.ts'

/** What a database is called now, and whether it lets anybody in. */
export interface DatabaseState {
  oid: number
  name: string
  allowsConnections: boolean
}

/** The databases with these OIDs that there still are, in no order. */
export async function databaseStates(client: Client, oids: readonly number[]): Promise<DatabaseState[]> {
  const { rows } = await client.query<{ oid: string; name: string; allows: boolean }>(
    `SELECT oid::pg_catalog.text AS oid, datname AS name, datallowconn AS allows FROM pg_catalog.pg_database
     WHERE oid = ANY ($1::pg_catalog.oid[])`,
    [oids],
  )
  return rows.map((row) => ({ oid: Number(row.oid), name: row.name, allowsConnections: row.allows }))
}

/**
 * Renames databases in one transaction: all of them or none, and only if each name means the OID that it is said to mean, before and after.
 * Needs no session in any of them. Throws `target_exists` (the new name), `conflict` (somebody is connected), `target_changed`, `privileges`.
 */
export async function renameDatabases(client: Client, renames: readonly { oid: number; from: string; to: string }[]): Promise<void> {
  const oids = renames.map((one) => one.oid)
  await beginDurable(client)
  try {
    await assertNames(client, oids, new Map(renames.map((one) => [one.oid, one.from])))
    for (const { from, to } of renames) {
      try {
        await client.query(`ALTER DATABASE ${quoteName(from)} RENAME TO ${quoteName(to)}`)
      } catch (error) {
        throw renameError(error, from, to)
      }
    }
    // a name may have changed hands between the question and the statement
    await assertNames(client, oids, new Map(renames.map((one) => [one.oid, one.to])))
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/**
 * Begins a transaction whose commit is on the server's disk when it is confirmed. With synchronous_commit off a crash of the server half a second
 * later would take the names back, and the catalogue would go on telling what was confirmed.
 */
export async function beginDurable(client: Client): Promise<void> {
  await client.query('BEGIN')
  await client.query(`SELECT pg_catalog.set_config('synchronous_commit', 'on', true) WHERE pg_catalog.current_setting('synchronous_commit') = 'off'`)
}

async function assertNames(client: Client, oids: readonly number[], expected: ReadonlyMap<number, string>): Promise<void> {
  const found = new Map((await databaseStates(client, oids)).map((one) => [one.oid, one.name]))
  for (const [oid, name] of expected) {
    if (found.get(oid) === name) continue
    throw new LifeboatError(
      'target_changed',
      `“${name}” is not the database that it was (OID ${oid}${found.has(oid) ? ` is called “${found.get(oid)}” now` : ' is gone'}).`,
      'Nothing was renamed. Somebody renamed, dropped or created a database in the meantime: look at the server first.',
    )
  }
}

function renameError(error: unknown, from: string, to: string): unknown {
  const code = (error as { code?: unknown }).code
  if (code === '55006') {
    return new LifeboatError('conflict', `“${from}” could not be renamed: somebody is connected to it, or holds a prepared transaction in it.`, '', {
      cause: error,
    })
  }
  if (code === '42P04')
    return new LifeboatError('target_exists', `A database called “${to}” exists already.`, 'Nothing was renamed.', { cause: error })
  if (code === '42501') {
    return new LifeboatError(
      'privileges',
      `The role that connects may not rename “${from}”.`,
      'It must own the database, or be a member of the role that does, and have CREATEDB.',
      { cause: error },
    )
  }
  return error
}
