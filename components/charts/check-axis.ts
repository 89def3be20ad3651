import { formatCount, formatDay } from '#lib/domain/units.ts'
import type { CheckKindFacts } from '#lib/domain/watch/check-kinds.ts'
import type { CheckHistory } from '#lib/domain/watch-views.ts'
import { byteTicks, durationTicks } from './ticks.ts'

/** The periods that a history can be looked at for, in hours. */
export const periods = [24, 168, 720] as const
export type Period = (typeof periods)[number]

export function readPeriod(value: unknown): Period {
  return periods.find((hours) => String(hours) === value) ?? 24
}

export function periodWords(hours: number): string {
  return hours < 48 ? `${hours} h` : formatCount(hours / 24, 'day')
}

/** Round instants: hours of a day, days of a longer time. In UTC, as everywhere. */
export function periodTicks(from: number, to: number, hours: number): number[] {
  const step = (hours <= 24 ? 4 : hours <= 168 ? 24 : 120) * 3_600_000
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step)
}

export function tickWords(at: number, hours: number): string {
  const instant = new Date(at)
  return hours <= 24 ? instant.toISOString().slice(11, 16) : formatDay(instant)
}

/** Marks from 0 to at least `top`, in the unit of the check. */
export function valueTicks(top: number, unit: CheckKindFacts['unit']): number[] {
  switch (unit) {
    case 'bytes':
    case 'count':
    case 'milliseconds':
    case 'days':
      return byteTicks(Math.max(top, 4))
    case 'share':
      return [0, 0.25, 0.5, 0.75, 1]
    case 'seconds':
      return durationTicks(top)
    case null:
      return []
  }
}

interface DrawnPoint {
  t: number
  value: number | null
  /** null: it only breaks the line */
  point: CheckHistory['points'][number] | null
}

/** A gap ends the line where the last look was, and the next look begins it anew: nothing is drawn through what nobody saw. */
export function drawnPoints(history: Pick<CheckHistory, 'points' | 'gaps'>, now: number): DrawnPoint[] {
  const points = history.points.map((point): DrawnPoint => ({ t: Date.parse(point.at), value: point.value, point }))
  const breaks = history.gaps.map((gap): DrawnPoint => ({ t: Date.parse(gap.from) + 1, value: null, point: null }))
  const last = points.at(-1)
  const open = history.gaps.some((gap) => Date.parse(gap.to) >= now - 1_000)
  const tail: DrawnPoint[] = last === undefined || open || last.value === null ? [] : [{ t: now, value: last.value, point: null }]
  return [...points, ...breaks, ...tail].toSorted((a, b) => a.t - b.t)
}
