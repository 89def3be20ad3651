import { formatDuration, formatShare } from '#lib/domain/units.ts'
import { checkValueWords } from '#lib/domain/watch/value-words.ts'
import type { CheckHistory } from '#lib/domain/watch-views.ts'
import { secondsOf, segmentsOf } from './check-segments.ts'

/** What a period was like, in words. What nobody knows is said as that, and never counted as well. */
export function describeCheck(history: Pick<CheckHistory, 'points' | 'gaps' | 'unit'>, from: number, to: number): string {
  const seconds = secondsOf(segmentsOf(history, from, to))
  // before the first look there was nothing to miss
  const total = (to - from) / 1_000 - seconds.none
  if (seconds.gap >= total) return 'Nothing was looked at in this time.'
  const said = [
    ['warning', seconds.warning],
    ['critical', seconds.critical],
    ['not judged', seconds.unknown],
    ['not looked at', seconds.gap],
  ] as const
  const others = said.filter(([, length]) => length >= 1).map(([word, length]) => `${word} for ${formatDuration(length)}`)
  const well = others.length === 0 ? 'well throughout' : seconds.ok < 1 ? 'never well' : `well for ${formatShare(seconds.ok / total)} of the time`
  const words = [well, ...others].join(', ')
  if (seconds.none >= 60) return `On record for ${formatDuration(total)} only: ${words}.${numbersOf(history)}`
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.${numbersOf(history)}`
}

function numbersOf({ points, unit }: Pick<CheckHistory, 'points' | 'unit'>): string {
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value])).toSorted((a, b) => a - b)
  if (unit === null || values.length === 0) return ''
  const middle = Math.floor(values.length / 2)
  const median = values.length % 2 === 1 ? (values[middle] ?? 0) : ((values[middle - 1] ?? 0) + (values[middle] ?? 0)) / 2
  return ` Median ${checkValueWords(median, unit)}, most ${checkValueWords(values.at(-1) ?? null, unit)}.`
}
