import { findDatabaseByName, getDatabase, listDatabases, type DatabaseRow } from '#lib/catalog/databases.ts'
import { type BackupRow, getBackup, listBackups } from '#lib/catalog/backups.ts'
import { findStorageByName, getStorage, listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Tier, tiers } from '#lib/domain/states.ts'
import type { Session } from './session.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** By id or name; without either, the only one there is. */
export async function findDatabase(session: Session, name: string | undefined): Promise<DatabaseRow> {
  if (name !== undefined) {
    const found = (uuid.test(name) ? await getDatabase(session.catalog, name) : null) ?? (await findDatabaseByName(session.catalog, name))
    if (found !== null) return found
    throw new LifeboatError('not_found', `There is no database "${name}".`, 'lifeboat database list')
  }
  const all = await listDatabases(session.catalog)
  const [only] = all
  if (only !== undefined && all.length === 1) return only
  if (only === undefined) throw new LifeboatError('not_found', 'No database is registered.', 'lifeboat database add NAME --url URL')
  throw new LifeboatError('usage', 'Several databases are registered.', `Say which: --database ${all.map((each) => each.name).join(' | ')}`)
}

export async function findStorage(session: Session, name: string): Promise<StorageRow> {
  const found = (uuid.test(name) ? await getStorage(session.catalog, name) : null) ?? (await findStorageByName(session.catalog, name))
  if (found !== null) return found
  throw new LifeboatError('not_found', `There is no storage "${name}".`, 'lifeboat storage list')
}

/** The named storages, or all of them. */
export async function findStorages(session: Session, names: string[] | undefined): Promise<StorageRow[]> {
  if (names !== undefined && names.length > 0) return Promise.all(names.map((name) => findStorage(session, name)))
  const all = await listStorages(session.catalog)
  if (all.length === 0) throw new LifeboatError('not_found', 'No storage is registered.', 'lifeboat storage add NAME --path DIR')
  return all
}

/** An id, a name, `latest`, or `latest:<tier>`. */
export async function findBackup(session: Session, which: string, database: string | undefined): Promise<BackupRow> {
  const found = await lookUp(session, which, database)
  if (found !== null) return found
  throw new LifeboatError('not_found', `There is no backup "${which}".`, 'lifeboat list-backups')
}

async function lookUp(session: Session, which: string, database: string | undefined): Promise<BackupRow | null> {
  if (uuid.test(which)) return getBackup(session.catalog, which)
  const databaseId = database === undefined ? undefined : (await findDatabase(session, database)).id
  const [word, tier] = which.split(':')
  if (word === 'latest') {
    if (tier !== undefined && !(tiers as readonly string[]).includes(tier)) {
      throw new LifeboatError('usage', `"${tier}" is not a tier.`, `Say one of: ${tiers.join(', ')}.`)
    }
    const filter = {
      restorable: true,
      limit: 1,
      ...(databaseId === undefined ? {} : { databaseId }),
      ...(tier === undefined ? {} : { tier: tier as Tier }),
    }
    return (await listBackups(session.catalog, filter))[0] ?? null
  }
  const named = await listBackups(session.catalog, { name: which, ...(databaseId === undefined ? {} : { databaseId }) })
  if (named.length < 2) return named[0] ?? null
  throw new LifeboatError('usage', `Several backups are called "${which}".`, `Name one by its id: ${named.map((each) => each.id).join(', ')}`)
}
