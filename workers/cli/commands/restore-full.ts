import { type Command, Option } from 'commander'
import { LifeboatError } from '#lib/domain/errors.ts'
import { stamp } from '#lib/domain/names.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { findBackup, findServer } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { restoredWords } from '../restored-words.ts'
import { withSession } from '../session.ts'

interface Options {
  database?: string
  targetDb?: string
  targetUrl?: string
  replace?: boolean
  inPlace?: boolean
  dryRun?: boolean
  force?: boolean
  roles?: 'refuse' | 'create' | 'drop_grants'
}

export function addRestoreFull(program: Command): void {
  program
    .command('restore-full')
    .description('restore a whole backup into a new database and compare every table with the manifest')
    .argument('<backup>', 'an id, a name, latest, or latest:<tier>')
    .option('--database <name>', 'of this database')
    .option('--target-db <name>', "the new database's name; by default the source's with the time")
    .option('--target-url <url>', 'another server; one of its databases must be registered')
    .option('--dry-run', 'return the plan; writes nothing')
    .option('--force', 'go on in spite of findings that may be overridden')
    .option('--yes', 'do not ask; restoring into a new database never does')
    .addOption(new Option('--roles <what>', 'roles that the target lacks').choices(['refuse', 'create', 'drop_grants']).default('refuse'))
    .addOption(new Option('--replace').hideHelp())
    .addOption(new Option('--in-place').hideHelp())
    .action(async (which: string, options: Options) => {
      if (options.replace || options.inPlace) {
        throw new LifeboatError(
          'usage',
          'This version restores into a new database only.',
          'Leave --replace and --in-place out; rename the databases after the restore has been compared.',
        )
      }
      process.exitCode = await withSession(async (session) => {
        const backup = await findBackup(session, which, options.database, 'restore')
        const server = options.targetUrl === undefined ? null : await findServer(session, options.targetUrl)
        const source = await session.catalog.selectFrom('databases').select('dbname').where('id', '=', backup.database_id).executeTakeFirst()
        const { id } = await requestRestore(session.catalog, session.actor, {
          backupId: backup.id,
          targetDbname: options.targetDb ?? server?.dbname ?? `${(source?.dbname ?? 'database').slice(0, 38)}_restored_${stamp(new Date())}`,
          serverDatabaseId: server?.id ?? null,
          force: options.force ?? false,
          missingRoles: options.roles ?? 'refuse',
          dryRun: options.dryRun ?? false,
          via: 'cli',
        })
        return printFinished(await untilFinished(session, id), restoredWords)
      })
    })
}
