import { findDatabaseByName, getDatabase, listDatabases, type DatabaseRow } from '#lib/catalog/databases.ts'
import { type BackupFilter, type BackupRow, getBackup, listBackups } from '#lib/catalog/backups.ts'
import { findStorageByName, getStorage, listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { parseConnectionUrl } from '#lib/domain/connection-url.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type CopyState, readableCopyStates, storedOnceCopyStates, type Tier, tiers } from '#lib/domain/states.ts'
import { importFirst, namesOldFile } from './import-file.ts'
import type { Session } from './session.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** By id or name; without either, the only one there is. */
export async function findDatabase(session: Session, name: string | undefined): Promise<DatabaseRow> {
  if (name !== undefined) {
    const found = (uuid.test(name) ? await getDatabase(session.catalog, name) : null) ?? (await findDatabaseByName(session.catalog, name))
    if (found !== null) return found
    throw new LifeboatError('not_found', `There is no database "${name}".`, 'lifeboat database list')
  }
  // nobody means the catalogue without naming it
  const all = (await listDatabases(session.catalog)).filter((one) => !one.is_catalogue)
  const [only] = all
  if (only !== undefined && all.length === 1) return only
  if (only === undefined) throw new LifeboatError('not_found', 'No database is registered.', 'lifeboat database add NAME --url URL')
  throw new LifeboatError('usage', 'Several databases are registered.', `Say which: --database ${all.map((each) => each.name).join(' | ')}`)
}

/** The registered database whose server the URL names, and the new database's name, where the URL has one of its own. */
export async function findServer(session: Session, url: string): Promise<{ id: string; dbname: string | undefined }> {
  const { host, port, dbname } = parseConnectionUrl(url)
  const registered = (await listDatabases(session.catalog)).find((one) => one.host === host && one.port === port)
  if (registered !== undefined) return { id: registered.id, dbname: dbname === registered.dbname ? undefined : dbname }
  throw new LifeboatError(
    'refused',
    `No database on ${host}:${port} is registered.`,
    'Targets on other servers are registered first: lifeboat database add NAME --url URL',
  )
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

/** What a backup is wanted for. `latest` means the newest that a restore can read, or the newest that there is to read again. */
export type Purpose = 'restore' | 'plan' | 'verify'
const wantedCopies = { restore: readableCopyStates, plan: readableCopyStates, verify: storedOnceCopyStates } satisfies Record<
  Purpose,
  readonly CopyState[]
>

/** An id, a name, `latest` (never a safety backup), `latest:<tier>`, or a file of the older scripts: to be restored it is imported first. */
export async function findBackup(session: Session, which: string, database: string | undefined, purpose: Purpose): Promise<BackupRow> {
  if (namesOldFile(which)) return await ofOldFile(session, which, database, purpose)
  if (uuid.test(which)) return (await getBackup(session.catalog, which)) ?? notThere(which)
  const databaseId = database === undefined ? undefined : (await findDatabase(session, database)).id
  const ofDatabase = databaseId === undefined ? {} : { databaseId }
  const [word, tier] = which.split(':')
  if (word === 'latest') return findLatest(session, { ...ofDatabase, ...tierOf(tier) }, purpose)
  const named = await listBackups(session.catalog, { name: which, ...ofDatabase })
  if (named.length < 2) return named[0] ?? notThere(which)
  throw new LifeboatError('usage', `Several backups are called "${which}".`, `Name one by its id: ${named.map((each) => each.id).join(', ')}`)
}

async function findLatest(session: Session, filter: BackupFilter, purpose: Purpose): Promise<BackupRow> {
  // the catalogue's own backups are named by --database
  const of = filter.databaseId === undefined ? { ...filter, ofCatalogue: false } : filter
  const [found] = await listBackups(session.catalog, { ...of, copies: wantedCopies[purpose], limit: 1 })
  if (found !== undefined) return found
  const [unreadable] = await listBackups(session.catalog, { ...of, copies: storedOnceCopyStates, limit: 1 })
  if (unreadable === undefined) throw new LifeboatError('not_found', 'There is no finished backup yet.', 'lifeboat list-backups')
  throw new LifeboatError(
    'not_found',
    'No backup can be restored now: none has a copy that can be read.',
    `lifeboat verify-backup ${unreadable.name} reads the newest one again and says what is wrong with each copy.`,
  )
}

async function ofOldFile(session: Session, file: string, database: string | undefined, purpose: Purpose): Promise<BackupRow> {
  if (purpose === 'restore') return importFirst(session, file, await findDatabase(session, database))
  throw new LifeboatError(
    'usage',
    `${file} is a file of the older scripts, and no backup yet.`,
    `lifeboat import ${file} --dry-run reads it to its end and says what is in it; without --dry-run it becomes a backup.`,
  )
}

function tierOf(tier: string | undefined): { tier: Tier } | { notTier: Tier } {
  // a safety backup holds what somebody wanted to get away from: whoever means it says latest:safety
  if (tier === undefined) return { notTier: 'safety' }
  const known = tiers.find((one) => one === tier)
  if (known === undefined) throw new LifeboatError('usage', `"${tier}" is not a tier.`, `Say one of: ${tiers.join(', ')}.`)
  return { tier: known }
}

function notThere(which: string): never {
  throw new LifeboatError('not_found', `There is no backup "${which}".`, 'lifeboat list-backups')
}
