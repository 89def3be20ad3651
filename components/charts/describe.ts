import type { ReportsView } from '#lib/domain/views.ts'
import { formatCount, formatDay, formatDuration, formatShare } from '#lib/domain/units.ts'

/** The finding of each chart, in words. An absence is said as one: nothing owed is not 100 %. */
export function describeSuccess(success: ReportsView['success'], days: number): string {
  const sum = (of: (day: ReportsView['success'][number]) => number) => success.reduce((total, day) => total + of(day), 0)
  const owed = sum((day) => day.owed)
  if (owed === 0) return `No backup was owed or taken in ${days} days, so there is no rate.`
  const succeeded = sum((day) => day.succeeded)
  const failed = sum((day) => day.failed)
  const missed = sum((day) => day.missed)
  const head = `${formatShare(succeeded / owed)} of ${formatCount(owed)} succeeded.`
  if (failed === 0 && missed === 0) return succeeded >= owed ? `${head} None failed, none was missed.` : `${head} The others are still due.`
  const last = [...success].reverse().find((day) => day.failed > 0 || day.missed > 0)
  const parts = [...(failed > 0 ? [`${formatCount(failed)} failed`] : []), ...(missed > 0 ? [`${formatCount(missed)} never ran`] : [])]
  return `${head} ${parts.join(', ')}${last ? `, last on ${formatDay(last.day)}` : ''}.`
}

const types: Record<string, string> = { full: 'Full restore', table: 'One table', pitr: 'Point in time', clone: 'Clone', drill: 'Drill' }

export function recoveryType(type: string): string {
  return types[type] ?? type
}

export function describeRecoveries(recoveries: ReportsView['recoveries'], objective: number | null, days: number): string {
  const measured = recoveries.filter((one) => one.averageSeconds !== null)
  const failed = recoveries.reduce((total, one) => total + one.failed, 0)
  const tail = failed > 0 ? ` ${formatCount(failed, 'recovery', 'recoveries')} failed and ${failed === 1 ? 'is' : 'are'} not in the times.` : ''
  if (measured.length === 0) return `Unmeasured: no recovery has succeeded in ${days} days.${tail}`
  const longest = measured.reduce((worst, one) => ((one.longestSeconds ?? 0) > (worst.longestSeconds ?? 0) ? one : worst))
  const slowest = `The longest took ${formatDuration(longest.longestSeconds)} (${recoveryType(longest.type).toLowerCase()})`
  if (objective === null) return `${slowest}.${tail}`
  const inside = (longest.longestSeconds ?? 0) <= objective
  return `${slowest}, ${inside ? 'inside' : 'outside'} the objective of ${formatDuration(objective)}.${tail}`
}
