import { type Command, InvalidArgumentError, Option } from 'commander'
import { derivedName } from '#lib/domain/derived-name.ts'
import { stamp } from '#lib/domain/names.ts'
import { requestClone } from '#lib/operations/clone/request.ts'
import { findDatabase, findServer } from '../find.ts'
import { printFinished } from '../finish.ts'
import { untilFinished } from '../follow.ts'
import { mapRoleOption } from '../map-role.ts'
import { restoredWords } from '../restored-words.ts'
import { withSession } from '../session.ts'

interface Options {
  database?: string
  targetDb?: string
  targetUrl?: string
  jobs: number
  dryRun?: boolean
  force?: boolean
  roles?: 'refuse' | 'create' | 'drop_grants'
  mapRole: Record<string, string>
}

export function addEmergencyClone(program: Command): void {
  program
    .command('emergency-clone')
    .description('stream a live database into a new one, with no storage in between, and compare them')
    .option('--database <name>', 'the database that is cloned; by default the only one')
    .option('--target-db <name>', "the new database's name; by default the source's with the time")
    .option('--target-url <url>', 'another server; one of its databases must be registered')
    .option('--jobs <n>', 'pairs of sessions that stream data', jobsOf, 2)
    .option('--dry-run', 'return the plan; writes nothing')
    .option('--force', 'go on in spite of findings that may be overridden')
    .option('--yes', 'do not ask; cloning into a new database never does')
    .addOption(new Option('--roles <what>', 'roles that the target lacks').choices(['refuse', 'create', 'drop_grants']).default('refuse'))
    .addOption(mapRoleOption())
    .action(async (options: Options) => {
      process.exitCode = await withSession(async (session) => {
        const source = await findDatabase(session, options.database)
        const server = options.targetUrl === undefined ? null : await findServer(session, options.targetUrl)
        const { id } = await requestClone(session.catalog, session.actor, {
          databaseId: source.id,
          targetDbname: options.targetDb ?? server?.dbname ?? derivedName(source.dbname, `_cloned_${stamp(new Date())}`),
          serverDatabaseId: server?.id ?? null,
          jobs: options.jobs,
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

function jobsOf(text: string): number {
  const jobs = Number(text)
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 16) throw new InvalidArgumentError('It is a number from 1 to 16.')
  return jobs
}
