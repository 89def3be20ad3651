import type { CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import type { CheckHistory } from '#lib/domain/watch-views.ts'

/** `gap`: nobody looked; `none`: before the first look that is on record. Neither is ever taken for good. */
export type SegmentState = CheckStatus | 'gap' | 'none'

/** Milliseconds. */
export interface Segment {
  from: number
  to: number
  state: SegmentState
}

/** The period in stretches of one state each, without holes. */
export function segmentsOf(history: Pick<CheckHistory, 'points' | 'gaps'>, from: number, to: number): Segment[] {
  const points = history.points.map((point) => ({ at: Date.parse(point.at), state: point.status }))
  const gaps = history.gaps.map((gap) => ({ from: Date.parse(gap.from), to: Date.parse(gap.to) }))
  const edges = [from, to, ...points.map((point) => point.at), ...gaps.flatMap((gap) => [gap.from, gap.to])]
    .filter((edge) => edge >= from && edge <= to)
    .toSorted((a, b) => a - b)
  const segments: Segment[] = []
  let next = 0
  let state: SegmentState = 'none'
  for (const [index, edge] of edges.entries()) {
    const end = edges[index + 1]
    for (let point = points[next]; point !== undefined && point.at <= edge; point = points[next]) {
      state = point.state
      next += 1
    }
    if (end === undefined || end === edge) continue
    const now = gaps.some((gap) => gap.from <= edge && gap.to >= end) ? 'gap' : state
    const last = segments.at(-1)
    if (last !== undefined && last.state === now) last.to = end
    else segments.push({ from: edge, to: end, state: now })
  }
  return segments
}

/** Seconds of each state. */
export function secondsOf(segments: readonly Segment[]): Record<SegmentState, number> {
  const seconds: Record<SegmentState, number> = { ok: 0, warning: 0, critical: 0, unknown: 0, gap: 0, none: 0 }
  for (const one of segments) seconds[one.state] += (one.to - one.from) / 1_000
  return seconds
}
