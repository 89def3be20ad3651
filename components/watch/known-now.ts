import { type CheckStatus, isStale } from '#lib/domain/watch/check-kinds.ts'
import { areRoundsStale } from '#lib/domain/watch/rounds.ts'
import type { AlertView, CheckView, WatchState } from '#lib/domain/watch-views.ts'

/**
 * What the server answered was so when it answered. A page that stands open while the console is gone grows old, and has to say so by itself.
 * `now`: milliseconds.
 */
export function isWatchStale(watch: Pick<WatchState, 'lastRoundAt' | 'stale'>, now: number): boolean {
  return watch.stale || areRoundsStale(watch.lastRoundAt === null ? null : new Date(watch.lastRoundAt), new Date(now))
}

export function statusNow(check: Pick<CheckView, 'kind' | 'status' | 'stale' | 'checkedAt'>, now: number): { status: CheckStatus; stale: boolean } {
  const stale = check.stale || isStale(check.kind, new Date(check.checkedAt), new Date(now))
  return { status: stale ? 'unknown' : check.status, stale }
}

/** An open alert whose check has not said for long that it still holds, nor that it does not. */
export function isUnseen(alert: Pick<AlertView, 'kind' | 'state' | 'seenAt'>, now: number): boolean {
  return alert.state !== 'resolved' && isStale(alert.kind, new Date(alert.seenAt), new Date(now))
}

/** How many somebody has to look at. */
export function openCount(watch: Pick<WatchState, 'openCritical' | 'openWarning'>): number {
  return watch.openCritical + watch.openWarning
}
