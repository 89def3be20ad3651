/** The commands that do from a shell what a page does: shown beside the buttons, never run by us. */

/** One argument for a POSIX shell; plain words stay as they are. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

export function backupCommand(database: string, storages: readonly string[], dryRun: boolean): string {
  const words = ['lifeboat', 'backup', 'manual', '--database', shellWord(database), ...storages.flatMap((name) => ['--storage', shellWord(name)])]
  return [...words, ...(dryRun ? ['--dry-run'] : [])].join(' ')
}

/** `database`: names of backups are unique within one database only. */
export function verifyCommand(backup: string, database?: string): string {
  return ['lifeboat', 'verify-backup', shellWord(backup), ...ofDatabase(database)].join(' ')
}

function ofDatabase(database: string | undefined): string[] {
  return database === undefined ? [] : ['--database', shellWord(database)]
}

export function listBackupsCommand(database: string): string {
  return `lifeboat list-backups --database ${shellWord(database)}`
}

export interface RestoreWords {
  dryRun: boolean
  /** another server than the source's: the registered database that names it */
  server?: { username: string; host: string; port: number; dbname: string } | null
  roles?: 'refuse' | 'create' | 'drop_grants'
  force?: boolean
  /** of which registered database the backup is */
  database?: string
}

/** The very same restore: a command that leaves out the server would write to another place than the page. */
export function restoreCommand(backup: string, targetDbname: string, { dryRun, server, roles, force, database }: RestoreWords): string {
  const words = ['lifeboat', 'restore-full', shellWord(backup), ...ofDatabase(database), '--target-db', shellWord(targetDbname)]
  return [...words, ...intoNew({ dryRun, server: server ?? null, roles: roles ?? 'refuse', force: force ?? false })].join(' ')
}

/** The live database into a new one, with no storage in between. */
export function cloneCommand(database: string, targetDbname: string, words: Required<Omit<RestoreWords, 'database'>>): string {
  return ['lifeboat', 'emergency-clone', ...ofDatabase(database), '--target-db', shellWord(targetDbname), ...intoNew(words)].join(' ')
}

function intoNew({ server, roles, force, dryRun }: Required<Omit<RestoreWords, 'database'>>): string[] {
  const words: string[] = []
  if (server) {
    const host = server.host.includes(':') ? `[${server.host}]` : server.host
    const url = `postgresql://${encodeURIComponent(server.username)}@${host}:${server.port}/${encodeURIComponent(server.dbname)}`
    words.push('--target-url', shellWord(url))
  }
  if (roles !== 'refuse') words.push('--roles', roles)
  return [...words, ...(force ? ['--force'] : []), ...(dryRun ? ['--dry-run'] : [])]
}

/** One table, given as `schema.table`. */
export function restoreTableCommand(
  backup: string,
  table: { schema: string; table: string },
  how: { way: 'beside' | 'replace'; dryRun: boolean; database?: string },
): string {
  // a dot in the schema's name would end it too early
  const named = table.schema.includes('.')
    ? [shellWord(table.table), '--schema', shellWord(table.schema)]
    : [shellWord(`${table.schema}.${table.table}`)]
  const words = ['lifeboat', 'restore-table', shellWord(backup), ...named, ...ofDatabase(how.database), `--${how.way}`]
  return [...words, ...(how.dryRun ? ['--dry-run'] : [])].join(' ')
}

/** The restored database takes the live one's place. */
export function replaceDatabaseCommand(backup: string, { dryRun, database }: { dryRun: boolean; database?: string }): string {
  return ['lifeboat', 'restore-full', shellWord(backup), ...ofDatabase(database), '--replace', ...(dryRun ? ['--dry-run'] : [])].join(' ')
}

/** A name as SQL writes it, always quoted, so that it means exactly itself. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The undo of a restore into a new database. */
export function dropDatabaseSql(dbname: string): string {
  return `DROP DATABASE ${sqlName(dbname)};`
}

/** The undo of a table that came back beside the live one. */
export function dropTableSql({ schema, name }: { schema: string; name: string }): string {
  return `DROP TABLE ${sqlName(schema)}.${sqlName(name)};`
}
