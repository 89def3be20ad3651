import { type Command, Option } from 'commander'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { findBackup } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { plain } from '../output.ts'
import { overwrite, overwrittenDatabase } from '../overwrite.ts'
import { reapHere } from '../reap-here.ts'
import { type Session, withSession } from '../session.ts'

const rowsWords = ['all', 'missing', 'changed', 'missing-and-changed'] as const

interface Options {
  database?: string
  schema?: string
  beside?: boolean
  replace?: boolean
  rows?: (typeof rowsWords)[number]
  into?: string
  yes?: boolean
  dryRun?: boolean
  force?: boolean
}

export function addRestoreTable(program: Command): void {
  program
    .command('restore-table')
    .description('bring one table back, beside the live one or in its place; reads that table’s entry and nothing else')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .argument('<table>', 'its name, or schema.name')
    .option('--database <name>', 'of this database')
    .option('--schema <name>', 'the schema, where the name holds a dot itself')
    .option('--beside', 'under a name of its own beside the live table; this is the default')
    .option('--replace', 'in one transaction in the place of the live table’s rows')
    .addOption(new Option('--rows <which>', 'with --replace: which rows to bring back').choices(rowsWords))
    .option('--into <name>', 'another registered database than the backup’s own')
    .option('--dry-run', 'return the plan; writes nothing')
    .option('--force', 'go on in spite of findings that may be overridden')
    .option('--yes', 'do not ask for the name of what is overwritten')
    .action(async (which: string, name: string, options: Options) => {
      if (options.beside && options.replace) throw new LifeboatError('usage', 'Say one: --beside or --replace.', 'Nothing was touched.')
      if (options.rows !== undefined && !options.replace)
        throw new LifeboatError('usage', '--rows goes with --replace: a table beside holds all rows.', 'Nothing was touched.')
      process.exitCode = await withSession(async (session) => {
        await reapHere(session)
        const backup = await findBackup(session, which, options.database, 'restore')
        return bringBack(session, backup, await findTable(session, backup, name, options), options)
      })
    })
}

async function bringBack(session: Session, backup: BackupRow, table: { schema: string; table: string }, options: Options): Promise<number> {
  const target = await overwrittenDatabase(session, backup, options.into)
  const shared = { backupId: backup.id, serverDatabaseId: target.id, force: options.force ?? false, via: 'cli' as const }
  const dryRun = options.dryRun ?? false
  if (options.replace) {
    const rows = ({ all: 'all', missing: 'missing', changed: 'changed', 'missing-and-changed': 'missing_and_changed' } as const)[
      options.rows ?? 'all'
    ]
    const request = { ...shared, scope: 'table' as const, way: 'replace' as const, ...table, rows }
    const what = `${table.schema}.${table.table} in ${target.dbname} is overwritten.`
    return overwrite(session, { request, dbname: target.dbname, what, dryRun, yes: options.yes ?? false, words: tableWords })
  }
  const { id } = await requestRestore(session.catalog, session.actor, { ...shared, scope: 'table', way: 'beside', ...table, dryRun })
  return printFinished(await untilFinished(session, id), tableWords)
}

/** `schema.name`, or a name that one table of the backup has. */
async function findTable(
  session: Session,
  backup: BackupRow,
  name: string,
  { schema, replace }: Options,
): Promise<{ schema: string; table: string }> {
  const tables = await session.catalog
    .selectFrom('backup_tables')
    .select(['schema', 'name'])
    .where('backup_id', '=', backup.id)
    .where('kind', '=', 'table')
    .orderBy('schema')
    .orderBy('name')
    .execute()
  const found = tables.filter(
    (one) => (schema === undefined || one.schema === schema) && (one.name === name || (schema === undefined && `${one.schema}.${one.name}` === name)),
  )
  const [only] = found
  if (only === undefined) {
    const named = replace ? null : withSchema(name, schema)
    if (named !== null) return named
    throw new LifeboatError(
      'not_found',
      `${backup.name} holds no table "${name}".`,
      'The page of the backup lists its tables; so does restore-full --dry-run.',
    )
  }
  if (found.length > 1) {
    const names = found.map((one) => `${one.schema}.${one.name}`).join(', ')
    throw new LifeboatError('usage', `Several tables are called "${name}".`, `Say which: ${names}`)
  }
  return { schema: only.schema ?? '', table: only.name ?? '' }
}

/** A partitioned table stands in no list of tables with rows; named with its schema it is looked for in the table of contents. */
function withSchema(name: string, schema: string | undefined): { schema: string; table: string } | null {
  if (schema !== undefined) return { schema, table: name }
  const [before, table, ...more] = name.split('.')
  return before === undefined || table === undefined || more.length > 0 ? null : { schema: before, table }
}

interface Restored {
  target: string
  outcome: string
  rows: number
  table: { schema: string; name: string }
  rowsWritten: { inserted: number; updated: number; skipped: number; before: number | null } | null
  losses: { object: string; cause: string }[]
}

function tableWords(result: Record<string, unknown>): string {
  const restore = result.restore as Restored
  const { rowsWritten } = restore
  return [
    `${plain(restore.table.schema)}.${plain(restore.table.name)} in ${plain(restore.target)}: ${restore.outcome}, ${restore.rows} rows`,
    ...(rowsWritten === null || rowsWritten.before !== null ? [] : [`${rowsWritten.inserted} rows inserted, ${rowsWritten.updated} overwritten`]),
    ...restore.losses.map((loss) => `  lost: ${plain(loss.object)}: ${plain(loss.cause)}`),
  ].join('\n')
}
