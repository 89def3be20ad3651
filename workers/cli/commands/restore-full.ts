import { type Command, Option } from 'commander'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { stamp } from '#lib/domain/names.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { findBackup, findServer } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { mapRoleOption } from '../map-role.ts'
import { overwrite, overwrittenDatabase } from '../overwrite.ts'
import { reapHere } from '../reap-here.ts'
import { restoredWords } from '../restored-words.ts'
import { type Session, withSession } from '../session.ts'

interface Options {
  database?: string
  targetDb?: string
  targetUrl?: string
  replace?: boolean
  undoHours?: string
  inPlace?: boolean
  dropDependents?: boolean
  into?: string
  yes?: boolean
  dryRun?: boolean
  force?: boolean
  roles?: 'refuse' | 'create' | 'drop_grants'
  mapRole: Record<string, string>
}

export function addRestoreFull(program: Command): void {
  program
    .command('restore-full')
    .description('restore a whole backup into a new database and compare every table with the manifest')
    .argument('<backup>', 'an id, a name, latest, latest:<tier>, or a file of the older scripts')
    .option('--database <name>', 'of this database')
    .option('--target-db <name>', "the new database's name; by default the source's with the time")
    .option('--target-url <url>', 'another server; one of its databases must be registered')
    .option('--dry-run', 'return the plan; writes nothing')
    .option('--force', 'go on in spite of findings that may be overridden')
    .option('--replace', 'restore beside the live database, compare, swap; the old one is kept for a while')
    .option('--undo-hours <hours>', 'with --replace: how long the old database is kept', '72')
    .option('--in-place', 'overwrite the live database in one transaction, where no database can be created')
    .option('--drop-dependents', 'with --in-place: drop and make again live objects that depend on replaced ones')
    .option('--into <name>', 'with --replace or --in-place: another registered database than the backup’s own')
    .option('--yes', 'do not ask for the name of what is overwritten')
    .addOption(new Option('--roles <what>', 'roles that the target lacks').choices(['refuse', 'create', 'drop_grants']).default('refuse'))
    .addOption(mapRoleOption())
    .action(async (which: string, options: Options) => {
      assertOneWay(options)
      process.exitCode = await withSession(async (session) => {
        await reapHere(session)
        const backup = await findBackup(session, which, options.database, options.dryRun ? 'plan' : 'restore')
        if (options.replace || options.inPlace) return overwriteWhole(session, backup, options)
        const server = options.targetUrl === undefined ? null : await findServer(session, options.targetUrl)
        const source = await session.catalog.selectFrom('databases').select('dbname').where('id', '=', backup.database_id).executeTakeFirst()
        const { id } = await requestRestore(session.catalog, session.actor, {
          backupId: backup.id,
          targetDbname: options.targetDb ?? server?.dbname ?? `${(source?.dbname ?? 'database').slice(0, 38)}_restored_${stamp(new Date())}`,
          serverDatabaseId: server?.id ?? null,
          force: options.force ?? false,
          missingRoles: options.roles ?? 'refuse',
          roleMap: options.mapRole,
          dryRun: options.dryRun ?? false,
          via: 'cli',
        })
        return printFinished(await untilFinished(session, id), restoredWords)
      })
    })
}

function assertOneWay(options: Options): void {
  const overwrites = options.replace === true || options.inPlace === true
  if ((options.replace && options.inPlace) || (overwrites && (options.targetDb ?? options.targetUrl) !== undefined)) {
    throw new LifeboatError('usage', 'Say one: --target-db for a new database, --replace, or --in-place.', 'Nothing was touched.')
  }
  if ((options.dropDependents && !options.inPlace) || (options.into !== undefined && !overwrites)) {
    throw new LifeboatError('usage', '--drop-dependents goes with --in-place, and --into with --replace or --in-place.', 'Nothing was touched.')
  }
  const hours = Number(options.undoHours)
  if (!(Number.isInteger(hours) && hours >= 1 && hours <= 720)) {
    throw new LifeboatError('usage', `--undo-hours ${options.undoHours} is not a number of hours from 1 to 720.`, 'Nothing was touched.')
  }
}

async function overwriteWhole(session: Session, backup: BackupRow, options: Options): Promise<number> {
  const target = await overwrittenDatabase(session, backup, options.into)
  const way = options.inPlace
    ? { way: 'in_place' as const, dropDependents: options.dropDependents ?? false }
    : { way: 'replace' as const, undoHours: Number(options.undoHours) }
  return overwrite(session, {
    request: {
      ...way,
      backupId: backup.id,
      serverDatabaseId: target.id,
      force: options.force ?? false,
      missingRoles: options.roles ?? 'refuse',
      roleMap: options.mapRole,
      via: 'cli',
    },
    dbname: target.dbname,
    dryRun: options.dryRun ?? false,
    yes: options.yes ?? false,
    words: restoredWords,
  })
}
