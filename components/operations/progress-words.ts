import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from '#lib/domain/units.ts'
import type { OperationView } from '#lib/domain/views.ts'

type Progress = OperationView['progress']

/** 0 to 1 by bytes, else by items; null: no total is known. */
export function shareDone({ doneBytes, totalBytes, doneItems, totalItems }: Progress): number | null {
  if (doneBytes !== undefined && totalBytes !== undefined && totalBytes > 0) return Math.min(1, doneBytes / totalBytes)
  if (doneItems !== undefined && totalItems !== undefined && totalItems > 0) return Math.min(1, doneItems / totalItems)
  return null
}

/** `dumping transactions · 62 % · 48 MB/s · about 1 min left`; what is not known is left out, the time left is said to be estimated. */
export function progressInWords(progress: Progress): string {
  const share = shareDone(progress)
  const amount =
    share === null
      ? progress.doneBytes !== undefined
        ? formatBytes(progress.doneBytes)
        : progress.doneItems !== undefined
          ? formatCount(progress.doneItems, 'item')
          : null
      : formatShare(share)
  return [
    [progress.phase, progress.current].filter(Boolean).join(' '),
    amount,
    progress.bytesPerSecond === undefined ? null : formatRate(progress.bytesPerSecond),
    progress.secondsLeft === undefined ? 'estimating the time left' : `about ${formatDuration(progress.secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ')
}
