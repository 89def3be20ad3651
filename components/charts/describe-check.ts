import { formatDuration, formatShare } from '#lib/domain/units.ts'
import { checkValueWords } from '#lib/domain/watch/value-words.ts'
import type { CheckHistory } from '#lib/domain/watch-views.ts'
import { secondsOf, segmentsOf } from './check-segments.ts'

/** What a period was like, in words. What nobody knows is said as that, and never counted as well. */
export function describeCheck(history: Pick<CheckHistory, 'points' | 'gaps' | 'unit'>, from: number, to: number): string {
  const seconds = secondsOf(segmentsOf(history, from, to))
  const unseen = seconds.gap + seconds.none
  const total = (to - from) / 1_000
  if (unseen >= total) return 'Nothing was looked at in this time.'
  const said = [
    ['warning', seconds.warning],
    ['critical', seconds.critical],
    ['not judged', seconds.unknown],
    ['not looked at', unseen],
  ] as const
  const others = said.filter(([, length]) => length >= 1).map(([word, length]) => `${word} for ${formatDuration(length)}`)
  const well = others.length === 0 ? 'Well throughout' : seconds.ok < 1 ? 'Never well' : `Well for ${formatShare(seconds.ok / total)} of the time`
  return `${[well, ...others].join(', ')}.${numbersOf(history)}`
}

function numbersOf({ points, unit }: Pick<CheckHistory, 'points' | 'unit'>): string {
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value])).toSorted((a, b) => a - b)
  if (unit === null || values.length === 0) return ''
  const middle = Math.floor(values.length / 2)
  const median = values.length % 2 === 1 ? (values[middle] ?? 0) : ((values[middle - 1] ?? 0) + (values[middle] ?? 0)) / 2
  return ` Median ${checkValueWords(median, unit)}, most ${checkValueWords(values.at(-1) ?? null, unit)}.`
}
