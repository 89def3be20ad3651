const firstMs = 15 * 60_000
const longestMs = 24 * 3_600_000

/** When a copy that waits or failed is tried again: after a quarter of an hour, then twice as long each time, at last once a day. */
export function nextCopyTry(triesBefore: number, now: Date): Date {
  return new Date(now.getTime() + Math.min(longestMs, firstMs * 2 ** Math.min(triesBefore, 20)))
}
