import { LifeboatError } from '#lib/domain/errors.ts'

/** Aborts `stop` with code `stalled` when nothing called touch() for `stallMs`. close() ends it. */
export class StallWatch {
  #last = performance.now()
  readonly #timer: NodeJS.Timeout

  constructor(stallMs: number, what: string, stop: AbortController) {
    this.#timer = setInterval(
      () => {
        if (performance.now() - this.#last < stallMs || stop.signal.aborted) return
        stop.abort(
          new LifeboatError(
            'stalled',
            `${what} moved no byte for ${Math.round(stallMs / 1000)} s and was ended.`,
            'Nothing was kept of this attempt. Check the server’s load and locks, and the network.',
          ),
        )
      },
      Math.min(1000, Math.max(50, stallMs / 4)),
    )
  }

  touch(): void {
    this.#last = performance.now()
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/** Runs `work` until it ends, `signal` aborts, or nothing has called touch() for `stallMs` (default 600 s). */
export async function whileMoving<T>(
  what: string,
  stallMs: number | undefined,
  signal: AbortSignal,
  work: (moving: { signal: AbortSignal; touch(): void }) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const stall = new StallWatch(stallMs ?? 600_000, what, stop)
  try {
    return await work({ signal: AbortSignal.any([signal, stop.signal]), touch: () => stall.touch() })
  } catch (error) {
    // what was cut off says that it was cut off
    stop.signal.throwIfAborted()
    throw error
  } finally {
    stall.close()
  }
}
