import type { LifeboatError } from '#lib/domain/errors.ts'

/**
 * Work that ends by a time limit, whatever it waits for: its signal is aborted with `late()`, and then this rejects with it at once, also if
 * the work goes on (a call to a hung disk cannot be called off). `signal`: ends it before, with its own reason. `ms`: milliseconds.
 */
export async function withDeadline<T>(
  { ms, late, signal, abandoned }: { ms: number; late: () => LifeboatError; signal?: AbortSignal; abandoned?: (work: Promise<unknown>) => void },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const own = new AbortController()
  const timer = setTimeout(() => own.abort(late()), ms)
  const outer = () => own.abort(signal?.reason)
  signal?.addEventListener('abort', outer, { once: true })
  const working = work(own.signal)
  try {
    return await Promise.race([
      working,
      new Promise<never>((_, reject) => own.signal.addEventListener('abort', () => reject(own.signal.reason as Error), { once: true })),
    ])
  } catch (error) {
    // whatever the work threw after it was called off is a consequence of that
    throw own.signal.aborted ? own.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', outer)
    if (own.signal.aborted) {
      working.catch(() => {})
      abandoned?.(working)
    }
  }
}
