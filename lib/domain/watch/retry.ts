/** When a message that did not go out is tried again, and when it is given up. */

const firstSeconds = 30
const mostSeconds = 3_600
const giveUpMs = 3 * 86_400_000

/**
 * 30 s, then twice as long each time, up to an hour; as long as the other side asked for, where that is longer; an hour where nothing will help
 * before somebody changes something. A tenth more or less, so that what failed together does not come back together. null: three days have passed.
 * `tries`: attempts that were made; `chance`: from 0 to 1.
 */
export function nextTry(
  message: { createdAt: Date; tries: number },
  failed: { retryAfterSeconds: number | null; permanent: boolean },
  now: Date,
  chance: number,
): Date | null {
  if (now.getTime() - message.createdAt.getTime() >= giveUpMs) return null
  const doubled = failed.permanent ? mostSeconds : Math.min(mostSeconds, firstSeconds * 2 ** Math.min(20, Math.max(0, message.tries - 1)))
  const spread = doubled * (0.9 + 0.2 * chance)
  return new Date(now.getTime() + Math.max(spread, failed.retryAfterSeconds ?? 0) * 1_000)
}
