import { CronExpressionParser } from 'cron-parser'
import cronstrue from 'cronstrue'
import { LifeboatError } from '../errors.ts'
import { instantOf, timeZoneNamed, wallOf } from './wall-clock.ts'

/** When a schedule is due: five fields of cron, read in a time zone. */
export interface Cron {
  cron: string
  timeZone: string
}

/** Two backups of one database closer than this would only ever wait for each other. */
const closestMinutes = 15
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

/** The next `count` moments after `after`, oldest first. Whoever fires and whoever shows asks here, so both say the same. */
export function nextRuns({ cron, timeZone }: Cron, after: Date, count: number): Date[] {
  if (hourIsOpen(cron)) return inRealTime(cron, timeZone, after, count)
  // hours of the day are moments on the wall: found there, and then placed in time (cron-parser itself loses those in a gap of half an hour)
  const runs: Date[] = []
  let from = new Date(wallOf(after, timeZone).getTime() - 2 * 86_400_000)
  while (runs.length < count) {
    const walls = inRealTime(cron, 'UTC', from, count + 8)
    for (const wall of walls) {
      const at = instantOf(wall, timeZone)
      const last = runs.at(-1) ?? after
      if (at > last && runs.length < count) runs.push(at)
    }
    from = walls.at(-1) ?? from
  }
  return runs
}

/** `At 03:00, every day`, in the zone of the schedule. */
export function cronWords({ cron, timeZone }: Cron): string {
  const words = cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: true, throwExceptionOnParseError: false })
  return `${words}, ${timeZone}`
}

/** Every hour, or every so many: such a schedule goes by elapsed time, and the hour that comes twice in autumn has two runs. */
function hourIsOpen(cron: string): boolean {
  return (cron.split(' ')[1] ?? '').startsWith('*')
}

function inRealTime(cron: string, timeZone: string, after: Date, count: number): Date[] {
  const expression = CronExpressionParser.parse(cron, { tz: timeZone, currentDate: after })
  return Array.from({ length: count }, () => expression.next().toDate())
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
