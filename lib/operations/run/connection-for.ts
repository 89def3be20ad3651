import { type DatabaseRow, getCaCertificate, getDatabase } from '#lib/catalog/databases.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import type { RunContext } from '../run-context.ts'
import { openSealed } from './open-sealed.ts'

/** The part of a run's context that reaching a place takes; the reaper has no more. */
export type Opener = Pick<RunContext, 'catalog' | 'keys' | 'applicationName'>

/** A registered database and how to reach it. Throws `not_found`, and `key_missing` where its password cannot be opened here. */
export async function connectionFor(context: Opener, databaseId: string): Promise<{ database: DatabaseRow; connection: Connection }> {
  const database = await getDatabase(context.catalog, databaseId)
  if (database === null) throw new LifeboatError('not_found', 'This database is not registered any more.', 'Add it again, then repeat.')
  const ca = database.ca_id === null ? null : await getCaCertificate(context.catalog, database.ca_id)
  return {
    database,
    connection: {
      host: database.host,
      port: database.port,
      dbname: database.dbname,
      username: database.username,
      password: openPassword(context, database.password_sealed, database.id),
      sslMode: database.ssl_mode,
      caPem: ca?.pem ?? null,
      applicationName: context.applicationName,
    },
  }
}

export function openPassword(context: Pick<Opener, 'keys'>, sealed: string | null, databaseId: string): string | null {
  return sealed === null ? null : openSealed(sealed, requireKeys(context), passwordPlace(databaseId))
}

/** The keys of this machine. Without them nothing can be sealed or opened, and nothing is ever stored in clear. */
export function requireKeys(context: Pick<Opener, 'keys'>): NonNullable<RunContext['keys']> {
  if (context.keys !== null) return context.keys
  throw new LifeboatError(
    'key_missing',
    'The encryption key is not readable on this machine.',
    'Nothing was written. Put LIFEBOAT_KEY or its key file back (mode 0400), then run this again.',
  )
}
