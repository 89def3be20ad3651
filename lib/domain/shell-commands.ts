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
  if (server) {
    const host = server.host.includes(':') ? `[${server.host}]` : server.host
    words.push(
      '--target-url',
      shellWord(`postgresql://${encodeURIComponent(server.username)}@${host}:${server.port}/${encodeURIComponent(server.dbname)}`),
    )
  }
  if (roles !== undefined && roles !== 'refuse') words.push('--roles', roles)
  if (force) words.push('--force')
  return [...words, ...(dryRun ? ['--dry-run'] : [])].join(' ')
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
