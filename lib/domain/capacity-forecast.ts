import type { StorageForecast } from './keeping-views.ts'
import { formatBytes, formatCount, formatShare } from './units.ts'

/** One day of a storage, as the last look of that day saw it. */
export interface UsageDay {
  /** `2026-11-23`, UTC */
  day: string
  usedBytes: number
  totalBytes: number | null
  freeBytes: number | null
}

/** From here on a person should act: the flag and the finding. */
export const fullShare = 0.8
/** Growth is told from at most so many days, because plans change. */
export const growthDays = 90
/** Fewer days, or a shorter stretch, tell nothing about growth. */
export const leastDays = 7
const dayMs = 86_400_000
/** Further away nobody plans, and the figure would be a guess. */
const farDays = 3650

interface Bound {
  what: 'disk' | 'budget'
  limitBytes: number
  takenBytes: number
  series: Point[]
}
interface Point {
  day: number
  bytes: number
}

/**
 * What will become of a storage's room: of its disk, counting everything that lies on it, and of its budget, counting the backups. Where
 * both bound it, the one that fills first is told. `usage` in any order; the catalogue's clock is `now`.
 * Growth is the median of the slopes between all pairs of days (Theil-Sen), which one odd day does not move.
 */
export function forecastStorage(options: {
  usage: readonly UsageDay[]
  now: Date
  /** what is known now, which may be newer than the newest day */
  usedBytes: number | null
  totalBytes: number | null
  freeBytes: number | null
  budgetBytes: number | null
}): StorageForecast {
  const today = Math.floor(options.now.getTime() / dayMs)
  const days = options.usage
    .map((one) => ({ ...one, at: Date.parse(one.day) / dayMs }))
    .filter((one) => one.at > today - growthDays && one.at <= today)
  const used = days.map((one) => ({ day: one.at, bytes: one.usedBytes }))
  const bounds: Bound[] = []
  const { usedBytes, totalBytes, freeBytes, budgetBytes } = options
  if (totalBytes !== null && freeBytes !== null && totalBytes > 0) {
    const taken = days.flatMap((one) =>
      one.totalBytes === null || one.freeBytes === null ? [] : [{ day: one.at, bytes: one.totalBytes - one.freeBytes }],
    )
    bounds.push({ what: 'disk', limitBytes: totalBytes, takenBytes: totalBytes - freeBytes, series: taken })
  }
  if (budgetBytes !== null && budgetBytes > 0 && usedBytes !== null)
    bounds.push({ what: 'budget', limitBytes: budgetBytes, takenBytes: usedBytes, series: used })

  const forecasts = bounds.map((bound) => ({ bound, forecast: forecastBound(bound, options.now) }))
  forecasts.sort((a, b) => urgency(a.forecast) - urgency(b.forecast) || (b.forecast.usedShare ?? 0) - (a.forecast.usedShare ?? 0))
  const first = forecasts[0]?.forecast
  if (first === undefined) return unbounded(used)
  return { ...first, warns: forecasts.some((one) => one.forecast.warns) }
}

/** Whatever warns comes first, then what fills first. */
function urgency(forecast: StorageForecast): number {
  const fills = forecast.fillsAt === null ? farDays * dayMs * 100 : Date.parse(forecast.fillsAt)
  return forecast.warns ? fills - farDays * dayMs * 1000 : fills
}

function forecastBound(bound: Bound, now: Date): StorageForecast {
  const { limitBytes, takenBytes, series } = bound
  const share = takenBytes / limitBytes
  const of = bound.what === 'disk' ? 'of the disk is taken' : 'of the budget is used'
  const head = `${formatShare(share)} ${of}`
  const growth = growthOf(series)
  const known = { growthBytesPerDay: growth, days: series.length, limitBytes, usedShare: share, warns: share >= fullShare }
  if (takenBytes >= limitBytes) {
    const words = bound.what === 'disk' ? 'The disk is full.' : `The budget is used up: ${formatBytes(takenBytes)} of ${formatBytes(limitBytes)}.`
    return { ...known, fillsAt: now.toISOString(), words }
  }
  if (growth === null) return { ...known, fillsAt: null, words: `${head}. When it fills is not known: ${tooLittle(series)}` }
  if (growth <= 0) return { ...known, fillsAt: null, words: `${head}, and it does not grow (${how(series)}).` }
  const daysLeft = (limitBytes - takenBytes) / growth
  const pace = `${formatBytes(growth)} a day (${how(series)})`
  if (daysLeft > farDays) return { ...known, fillsAt: null, words: `${head}. At ${pace} it does not fill within ten years.` }
  const fillsAt = new Date(now.getTime() + daysLeft * dayMs)
  return { ...known, fillsAt: fillsAt.toISOString(), words: `${head}. At ${pace} it is full on ${dateWords(fillsAt)}.` }
}

function unbounded(series: readonly Point[]): StorageForecast {
  const growth = growthOf(series)
  const pace = growth === null ? '' : growth > 0 ? ` It grows by ${formatBytes(growth)} a day (${how(series)}).` : ' It does not grow.'
  return {
    growthBytesPerDay: growth,
    days: series.length,
    limitBytes: null,
    usedShare: null,
    warns: false,
    fillsAt: null,
    words: `Nothing is known to bound it: give it a budget to be warned in time.${pace}`,
  }
}

/** Bytes a day, whole; null: too few days are known. */
function growthOf(series: readonly Point[]): number | null {
  if (series.length < leastDays || stretch(series) < leastDays - 1) return null
  const slopes: number[] = []
  for (const [at, one] of series.entries())
    for (const other of series.slice(at + 1)) if (other.day !== one.day) slopes.push((other.bytes - one.bytes) / (other.day - one.day))
  slopes.sort((a, b) => a - b)
  const middle = slopes.length / 2
  // `+ 0`: what stands still is 0 and not -0
  return Math.round(((slopes[Math.ceil(middle) - 1] ?? 0) + (slopes[Math.floor(middle)] ?? 0)) / 2) + 0
}

function stretch(series: readonly Point[]): number {
  const days = series.map((one) => one.day)
  return Math.max(...days) - Math.min(...days)
}

const how = (series: readonly Point[]) => `the median of the slopes between ${formatCount(series.length, 'day')} of the last ${growthDays}`

function tooLittle(series: readonly Point[]): string {
  return `${series.length === 0 ? 'no day' : `only ${formatCount(series.length, 'day')}`} of it ${series.length === 1 ? 'is' : 'are'} on record, and ${leastDays} are needed.`
}

function dateWords(at: Date): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(at)
}
