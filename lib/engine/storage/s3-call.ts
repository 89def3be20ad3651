import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import { asS3Error, mayPass, replyOf } from './s3-errors.ts'

/** How an S3 storage is spoken to. Tests shrink these; production keeps the defaults. */
export interface S3Limits {
  /** most parts of one upload: AWS 10,000, some stores 1,000 */
  partLimit: number
  /** size of the first part, in bytes; it grows from there. S3 wants at least 5 MiB for every part but the last */
  firstPartBytes: number
  /** parts held in memory and on their way at once */
  partsInFlight: number
  /** tries of one request, the first included */
  attempts: number
  /** the first wait before a retry, in milliseconds; doubles, with jitter, up to 8 s */
  retryBaseMs: number
  /** without progress for this long a request is `stalled`, in milliseconds */
  stallMs: number
  /** slower than this is no progress, in bytes a second */
  slowestBytesPerSecond: number
}

export const defaultLimits: S3Limits = {
  partLimit: 10_000,
  firstPartBytes: 8 << 20,
  partsInFlight: 2,
  attempts: 6,
  retryBaseMs: 250,
  stallMs: 60_000,
  slowestBytesPerSecond: 16 << 10,
}

export interface Call {
  limits: S3Limits
  signal: AbortSignal
  /** whether the SDK's checksum headers are sent */
  checksums: boolean
}

export function stalled(what: string, afterMs: number): LifeboatError {
  return new LifeboatError(
    'stalled',
    `The storage made no progress for ${Math.round(afterMs / 1000)} s while ${what}.`,
    'Look at the network and at the store; the other copies went on.',
  )
}

/** Full jitter: between half of and the whole doubled wait, so that many workers do not come back at once. */
export async function pause(call: Call, retry: number): Promise<void> {
  const whole = Math.min(8000, call.limits.retryBaseMs * 2 ** retry)
  await sleep(whole / 2 + (Math.random() * whole) / 2, undefined, { signal: call.signal })
}

/**
 * One request to the store: bounded retries with jitter of whatever may pass, a deadline for each try from its size, and errors in our words.
 * `send` gets the signal of its try and how many tries went before (their outcome may be unknown: a lost reply looks like a failure).
 */
export async function callStore<T>(call: Call, what: string, send: (signal: AbortSignal, triesBefore: number) => Promise<T>, bytes = 0): Promise<T> {
  const allowedMs = call.limits.stallMs + (bytes / call.limits.slowestBytesPerSecond) * 1000
  for (let tries = 0; ; tries += 1) {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), allowedMs)
    const startedAt = performance.now()
    try {
      call.signal.throwIfAborted()
      return await send(AbortSignal.any([call.signal, deadline.signal]), tries)
    } catch (error) {
      const tookMs = performance.now() - startedAt
      if (!call.signal.aborted && (deadline.signal.aborted || (replyOf(error).name === 'TimeoutError' && tookMs >= call.limits.stallMs * 0.9)))
        throw stalled(what, tookMs)
      if (call.signal.aborted || !mayPass(error) || tries + 1 >= call.limits.attempts) throw asS3Error(error, what, call)
    } finally {
      clearTimeout(timer)
    }
    await pause(call, tries).catch((error: unknown) => Promise.reject(asS3Error(error, what, call)))
  }
}
