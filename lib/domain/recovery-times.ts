import type { RecoveryTimes } from './plan.ts'
import { formatDuration } from './units.ts'

/** Nearest-rank percentile of seconds in ascending order; the list must not be empty. */
export function percentile(ascending: readonly number[], share: number): number {
  const rank = Math.min(ascending.length, Math.max(1, Math.ceil(share * ascending.length)))
  return ascending[rank - 1] ?? 0
}

/** Median and 95th percentile of measured seconds; null: nothing was measured. */
export function spreadOf(seconds: readonly number[]): { runs: number; medianSeconds: number; p95Seconds: number } | null {
  if (seconds.length === 0) return null
  const ascending = seconds.toSorted((a, b) => a - b)
  return { runs: ascending.length, medianSeconds: percentile(ascending, 0.5), p95Seconds: percentile(ascending, 0.95) }
}

/** The two fields of a plan: how long, and from what. Nothing measured is no estimate. */
export function estimateFrom(times: RecoveryTimes | null): {
  estimatedSeconds: number | null
  estimateFrom: string
  recoveryTimes: RecoveryTimes | null
} {
  if (times === null) return { estimatedSeconds: null, estimateFrom: '', recoveryTimes: null }
  const from =
    times.runs === 1
      ? 'as the one of this kind so far'
      : `median of ${times.runs} of this kind; 95 of 100 took at most ${formatDuration(times.p95Seconds)}`
  return { estimatedSeconds: times.medianSeconds, estimateFrom: from, recoveryTimes: times }
}
