import { CronExpressionParser } from 'cron-parser'
import cronstrue from 'cronstrue'
import { LifeboatError } from '../errors.ts'
import { instantsOf, timeZoneNamed, wallOf } from './wall-clock.ts'

/** When a schedule is due: five fields of cron, read in a time zone. */
export interface Cron {
  cron: string
  timeZone: string
}

/** Two backups of one database closer than this would only ever wait for each other. */
const closestMinutes = 15
/** No clock is put forward or back by so much: moments further apart on the wall come in the same order. */
const outOfOrderMs = 6 * 3_600_000
/** Runs that are looked at to find the closest two; the next lists of minutes and hours come round within a few days. */
const looked = 200

/** One space between fields, the zone as the platform writes it. Throws `usage` with what is wrong: it stands beside the field. */
export function parseCron(input: Cron): Cron {
  const timeZone = timeZoneNamed(input.timeZone.trim())
  if (timeZone === null) {
    throw new LifeboatError('usage', `There is no time zone “${input.timeZone}”.`, 'Give a name such as UTC, Europe/Berlin or America/New_York.')
  }
  const cron = input.cron.trim().replaceAll(/\s+/g, ' ')
  const fields = cron === '' ? [] : cron.split(' ')
  if (fields.length !== 5) {
    throw new LifeboatError(
      'usage',
      `A cron expression has five fields, this has ${fields.length}.`,
      'Minute, hour, day of the month, month, day of the week: 0 3 * * * is every day at 03:00.',
    )
  }
  if (fields.some((field) => /[hH?]/.test(field.replaceAll(/thu|mar/gi, '')))) {
    throw new LifeboatError(
      'usage',
      'H and ? are not understood here.',
      'Give numbers, names of months or days, ranges, lists, steps, or L for the last day.',
    )
  }
  const parsed = { cron, timeZone }
  const runs = firstRuns(parsed)
  const closest = Math.min(...runs.slice(1).map((at, index) => at.getTime() - (runs[index]?.getTime() ?? 0))) / 60_000
  if (closest < closestMinutes) {
    throw new LifeboatError(
      'usage',
      `This runs every ${closest === 1 ? 'minute' : `${closest} minutes`}.`,
      `Leave at least ${closestMinutes} minutes between two backups; what must not be lost in between needs point-in-time recovery.`,
    )
  }
  return parsed
}

/**
 * The next `count` moments after `after`, oldest first. Whoever fires and whoever shows asks here, so both say the same. The fields are read as
 * moments on the wall, and those are placed in time here: cron-parser gives up where a zone skips half an hour, and doubles a time of day that
 * comes twice. So each comes once on every day that there is; only a schedule of every hour runs in both of the hours that look alike.
 */
export function nextRuns({ cron, timeZone }: Cron, after: Date, count: number): Date[] {
  const everyHour = cron.split(' ')[1] === '*'
  const walls = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(wallOf(after, timeZone).getTime() - outOfOrderMs) })
  const runs = new Set<number>()
  for (;;) {
    const instants = instantsOf(walls.next().toDate(), timeZone)
    for (const at of everyHour ? instants : [instants[0]]) if (at > after) runs.add(at.getTime())
    if (runs.size < count) continue
    const found = [...runs].sort((one, other) => one - other).slice(0, count)
    if ((found.at(-1) ?? 0) + outOfOrderMs < instants[0].getTime()) return found.map((at) => new Date(at))
  }
}

/** `At 03:00, every day`, in the zone of the schedule. */
export function cronWords({ cron, timeZone }: Cron): string {
  const words = cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: true, throwExceptionOnParseError: false })
  return `${words}, ${timeZone}`
}

function firstRuns(parsed: Cron): Date[] {
  try {
    const from = new Date('2026-01-01T00:00:00Z')
    const first = nextRuns(parsed, from, 12)
    // what comes seldom is not followed through centuries
    const seldom = (first.at(-1)?.getTime() ?? 0) - from.getTime() > 30 * 86_400_000
    return seldom ? first : nextRuns(parsed, from, looked)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new LifeboatError(
      'usage',
      `This cron expression is not understood: ${said}.`,
      'Minute 0-59, hour 0-23, day 1-31 or L, month 1-12, day of the week 0-7.',
      { cause: error },
    )
  }
}
