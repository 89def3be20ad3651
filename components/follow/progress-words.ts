import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from '#lib/domain/units.ts'
import type { OperationView } from '#lib/domain/views.ts'

type Progress = OperationView['progress']

/** From 0 to 1; null where no total is known. Bytes say more than items. */
export function shareOf({ doneBytes, totalBytes, doneItems, totalItems }: Progress): number | null {
  if (totalBytes !== undefined && totalBytes > 0) return Math.min(1, (doneBytes ?? 0) / totalBytes)
  if (totalItems !== undefined && totalItems > 0) return Math.min(1, (doneItems ?? 0) / totalItems)
  return null
}

/** `62 % · 12 of 42 tables · 310 MB of 500 MB · 48 MB/s · about 4 s left`; what is not known is left out, except the time left. */
export function progressWords(progress: Progress): string {
  const { doneBytes, totalBytes, doneItems, totalItems, bytesPerSecond, secondsLeft, itemNoun } = progress
  const share = shareOf(progress)
  return [
    share === null ? null : formatShare(share),
    doneItems === undefined ? null : itemsInWords(doneItems, totalItems, itemNoun),
    doneBytes === undefined ? null : totalBytes === undefined ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
    bytesPerSecond === undefined ? null : formatRate(bytesPerSecond),
    secondsLeft === undefined
      ? 'time left: estimating'
      : secondsLeft < 1
        ? 'about 1 s left'
        : `about ${formatDuration(Math.round(secondsLeft))} left`,
  ]
    .filter((part) => part !== null)
    .join(' · ')
}

/** `12 of 42 tables`, `1 table`; without a noun the bare numbers. */
function itemsInWords(done: number, total: number | undefined, noun: string | undefined): string {
  return total === undefined ? formatCount(done, noun) : `${formatCount(done)} of ${formatCount(total, noun)}`
}

/** Why a queued operation has not begun. */
export function waitWords({ after, approval }: Pick<OperationView, 'after' | 'approval'>): string {
  if (approval?.state === 'needed') return 'Another admin must approve it.'
  return after === null ? 'It begins as soon as a worker that can do it is free.' : 'It begins when that one has succeeded.'
}
