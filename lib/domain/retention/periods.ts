import { type Keep, type KeepUnit, keepUnits } from '../keep.ts'

/** Periods in UTC: days, ISO weeks (from Monday), calendar months and years, each numbered without gaps. Times are milliseconds. */
export const dayMs = 86_400_000

const numberOf = {
  days: (at: number) => Math.floor(at / dayMs),
  // 1 January 1970 was a Thursday
  weeks: (at: number) => Math.floor((Math.floor(at / dayMs) + 3) / 7),
  months: (at: number) => {
    const date = new Date(at)
    return date.getUTCFullYear() * 12 + date.getUTCMonth()
  },
  years: (at: number) => new Date(at).getUTCFullYear(),
} satisfies Record<KeepUnit, (at: number) => number>

const startOf = {
  days: (period: number) => period * dayMs,
  weeks: (period: number) => (period * 7 - 3) * dayMs,
  months: (period: number) => Date.UTC(Math.floor(period / 12), period % 12, 1),
  years: (period: number) => Date.UTC(period, 0, 1),
} satisfies Record<KeepUnit, (period: number) => number>

/** The number of the period that a time lies in. */
export function periodOf(unit: KeepUnit, at: number): number {
  return numberOf[unit](at)
}

/** When a period begins. */
export function periodStart(unit: KeepUnit, period: number): number {
  return startOf[unit](period)
}

/** So many periods later. A day that a month has not runs over into the next one: 31 January and a month is 3 March, never earlier. */
export function addKeep(at: number, { unit, count }: Keep): number {
  if (unit === 'days') return at + count * dayMs
  if (unit === 'weeks') return at + count * 7 * dayMs
  const date = new Date(at)
  if (unit === 'months') date.setUTCMonth(date.getUTCMonth() + count)
  else date.setUTCFullYear(date.getUTCFullYear() + count)
  return date.getTime()
}

/**
 * How many periods of the second unit certainly reach as far back as one of the first, by age and counted, whatever periods hold a backup:
 * one backup a month fills a month with one day, so 12 months need 12 × 31 days; two months' backups may lie in one week, so weeks need
 * twice as many months.
 */
const atLeast = {
  days: { days: 1, weeks: 1, months: 1, years: 1 },
  weeks: { days: 7, weeks: 1, months: 2, years: 2 },
  months: { days: 31, weeks: 7, months: 1, years: 1 },
  years: { days: 366, weeks: 54, months: 12, years: 1 },
} satisfies Record<KeepUnit, Record<KeepUnit, number>>

/** Whether the second keeps everything that the first keeps, on any history. What is not certain is no: such a change waits as a shorter one. */
export function keepsAsLong(before: Keep, after: Keep): boolean {
  return after.count >= before.count * atLeast[before.unit][after.unit]
}

/** What certainly keeps as long as each of them, in the coarsest of their units; of one it is that one. */
export function longestOf(keeps: readonly [Keep, ...Keep[]]): Keep {
  const known = keeps.find((one) => keeps.every((other) => keepsAsLong(other, one)))
  if (known !== undefined) return known
  const unit = keepUnits.findLast((one) => keeps.some((keep) => keep.unit === one)) ?? 'years'
  return { unit, count: Math.max(...keeps.map((one) => one.count * atLeast[one.unit][unit])) }
}

const shortestDays = { days: 1, weeks: 7, months: 28, years: 365 } satisfies Record<KeepUnit, number>
const longestDays = { days: 1, weeks: 7, months: 31, years: 366 } satisfies Record<KeepUnit, number>

/** Whether by age alone the first may end before the second. */
export function endsBefore(one: Keep, other: Keep): boolean {
  if (one.unit === other.unit) return one.count < other.count
  const months = { one: inMonths(one), other: inMonths(other) }
  if (months.one !== null && months.other !== null) return months.one < months.other
  return one.count * shortestDays[one.unit] < other.count * longestDays[other.unit]
}

function inMonths({ unit, count }: Keep): number | null {
  return unit === 'months' ? count : unit === 'years' ? count * 12 : null
}
