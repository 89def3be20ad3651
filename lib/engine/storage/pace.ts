import { setTimeout as sleep } from 'node:timers/promises'

interface Clock {
  /** milliseconds; only differences count */
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal })
  },
}

/**
 * A token bucket that holds one second's worth: answers when so many bytes may have been read. What is larger than the bucket is let
 * through and paid for before the next. `bytesPerSecond` null: at once.
 */
export function makePace(bytesPerSecond: number | null, signal: AbortSignal, clock: Clock = realClock): (bytes: number) => Promise<void> {
  if (bytesPerSecond === null) return async () => {}
  let tokens = bytesPerSecond
  let filledAt = clock.now()
  return async (bytes) => {
    const now = clock.now()
    tokens = Math.min(bytesPerSecond, tokens + ((now - filledAt) / 1000) * bytesPerSecond) - bytes
    filledAt = now
    if (tokens < 0) await clock.sleep((-tokens / bytesPerSecond) * 1000, signal)
  }
}
