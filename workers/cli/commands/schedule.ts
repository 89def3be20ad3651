import { Argument, type Command } from 'commander'
import { findStorageByName } from '#lib/catalog/storages.ts'
import { listSchedules, previewSchedule, readSchedule } from '#lib/catalog/views/schedules.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { standardPlan } from '#lib/domain/schedules/standard-plan.ts'
import { addSchedule, applyStandardPlan, changeSchedule, pauseSchedule, removeSchedule, resumeSchedule } from '#lib/operations/schedules.ts'
import { confirm } from '../ask.ts'
import { findDatabase } from '../find.ts'
import { print, table } from '../output.ts'
import { type Session, withSession } from '../session.ts'

interface When {
  cron?: string
  timeZone?: string
  storage?: string[]
}

const tier = () => new Argument('<tier>').choices(scheduledTiers)

export function addSchedules(program: Command): void {
  const schedule = program
    .command('schedule')
    .description('when each database is backed up: list, add, change, pause, resume, remove, preview, standard')
  schedule
    .command('list')
    .description('every schedule with its next run and what became of the last ones')
    .option('--database <name>', 'of this database')
    .action(async (options: { database?: string }) => {
      const schedules = await withSession(async (session) => {
        const found = options.database === undefined ? null : await findDatabase(session, options.database)
        return listSchedules(session.catalog, session.actor, found === null ? {} : { databaseId: found.id })
      })
      printSchedules(schedules)
    })
  withWhen(
    schedule
      .command('add')
      .description('back a database up at given times; without --cron as in the standard plan')
      .argument('<database>')
      .addArgument(tier()),
  ).action((database: string, of: ScheduledTier, options: When) =>
    inSession(database, async (session, databaseId) => {
      const usual = standardPlan.find((one) => one.tier === of)
      const storageIds = await storagesNamed(session, options.storage ?? [])
      const cron = options.cron ?? usual?.cron ?? ''
      const id = await addSchedule(session.catalog, session.actor, { databaseId, tier: of, cron, timeZone: options.timeZone ?? 'UTC', storageIds })
      return [await readSchedule(session.catalog, session.actor, id)]
    }),
  )
  withWhen(schedule.command('change').description('other times or storages; runs to come follow').argument('<database>').addArgument(tier())).action(
    (database: string, of: ScheduledTier, { cron, timeZone, storage }: When) =>
      inSession(database, async (session, databaseId) => {
        const { id } = await found(session, databaseId, of)
        await changeSchedule(session.catalog, session.actor, id, {
          ...(cron === undefined ? {} : { cron }),
          ...(timeZone === undefined ? {} : { timeZone }),
          ...(storage === undefined ? {} : { storageIds: await storagesNamed(session, storage) }),
        })
        return [await readSchedule(session.catalog, session.actor, id)]
      }),
  )
  for (const [name, act, says] of [
    ['pause', pauseSchedule, 'it owes nothing while it is paused'],
    ['resume', resumeSchedule, 'it owes backups again, from now on'],
  ] as const) {
    schedule
      .command(name)
      .description(says)
      .argument('<database>')
      .addArgument(tier())
      .action((database: string, of: ScheduledTier) =>
        inSession(database, async (session, databaseId) => {
          const { id } = await found(session, databaseId, of)
          await act(session.catalog, session.actor, id)
          return [await readSchedule(session.catalog, session.actor, id)]
        }),
      )
  }
  schedule
    .command('remove')
    .description('take a schedule away; its backups stay by the rules of their tier')
    .argument('<database>')
    .addArgument(tier())
    .option('--yes', 'do not ask')
    .action((database: string, of: ScheduledTier, options: { yes?: boolean }) =>
      inSession(database, async (session, databaseId) => {
        const { id } = await found(session, databaseId, of)
        await confirm(`Take the ${of} schedule of ${database} away? Nothing will make ${of} backups of it any more.`, options.yes === true)
        await removeSchedule(session.catalog, session.actor, id)
        return listSchedules(session.catalog, session.actor, { databaseId })
      }),
    )
  schedule
    .command('preview')
    .description('a cron expression in words, with its next five runs, by the parser that fires')
    .argument('<cron>', 'five fields: minute, hour, day of the month, month, day of the week')
    .option('--time-zone <name>', 'such as Europe/Berlin', 'UTC')
    .action(async (cron: string, options: { timeZone: string }) => {
      const preview = await withSession((session) => previewSchedule(session.catalog, { cron, timeZone: options.timeZone }))
      print({ preview }, () => [preview.words, ...preview.next.map((at) => `  ${minute(at)} UTC`)].join('\n'))
    })
  schedule
    .command('standard')
    .description('daily, weekly and monthly, each where the database has none yet')
    .argument('<database>')
    .action((database: string) =>
      inSession(database, async (session, databaseId) => {
        await applyStandardPlan(session.catalog, session.actor, databaseId)
        return listSchedules(session.catalog, session.actor, { databaseId })
      }),
    )
}

function withWhen(command: Command): Command {
  return command
    .option('--cron <fields>', 'minute, hour, day of the month, month, day of the week: "0 3 * * *"')
    .option('--time-zone <name>', 'such as Europe/Berlin')
    .option('--storage <name...>', 'in order, the first is the primary; without it every storage that the database may use')
}

async function inSession(database: string, work: (session: Session, databaseId: string) => Promise<ScheduleView[]>): Promise<void> {
  printSchedules(await withSession(async (session) => work(session, (await findDatabase(session, database)).id)))
}

async function found(session: Session, databaseId: string, of: ScheduledTier): Promise<ScheduleView> {
  const one = (await listSchedules(session.catalog, session.actor, { databaseId })).find((schedule) => schedule.tier === of)
  if (one === undefined) throw new LifeboatError('not_found', `It has no ${of} schedule.`, 'lifeboat schedule list shows those that it has.')
  return one
}

async function storagesNamed(session: Session, names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of names) {
    const storage = await findStorageByName(session.catalog, name)
    if (storage === null) throw new LifeboatError('not_found', `There is no storage "${name}".`, 'lifeboat storage list shows them.')
    ids.push(storage.id)
  }
  return ids
}

function printSchedules(schedules: readonly ScheduleView[]): void {
  print({ schedules }, () =>
    schedules.length === 0
      ? 'Nothing is backed up by itself. lifeboat schedule standard DATABASE adds daily, weekly and monthly backups.'
      : table(['DATABASE', 'TIER', 'WHEN', 'NEXT (UTC)', 'LAST', 'STORAGES'], schedules.map(cells)),
  )
}

function cells(one: ScheduleView): string[] {
  const last = one.last.at(-1)
  return [
    one.database.name,
    one.tier,
    one.words,
    one.pausedAt === null ? minute(one.next[0] ?? '') : 'paused',
    last === undefined ? '-' : `${last.missed && last.state === 'owed' ? 'missed' : last.state} ${minute(last.at)}`,
    one.storages.length === 0 ? 'all' : one.storages.map((storage) => storage.name).join(', '),
  ]
}

function minute(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}
