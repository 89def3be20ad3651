import type { Kysely } from 'kysely'
import { attemptState, leaseSeconds, renewLease } from '#lib/catalog/attempts.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'

export interface Lease {
  /** aborted on cancel, lost lease and shutdown; the reason is a LifeboatError */
  signal: AbortSignal
  /** true: another attempt, or the reaper, has taken over; nothing more may be written */
  isLost(): boolean
  release(): void
}

const renewEveryMs = 10_000
const lookEveryMs = 1_000
/** a child needs a moment to die: it is told before the lease is out, not after */
const marginMs = 5_000

/**
 * Holds an attempt's lease: renews every 10 s, looks every second whether someone asked for its end. When the catalogue does not
 * answer for 25 s the attempt is aborted, because after 30 s another worker may believe it dead.
 */
export function holdLease(catalog: Kysely<Catalog>, attempt: { id: string; token: string }, shutdown: AbortSignal): Lease {
  const controller = new AbortController()
  let lost = false
  let released = false
  let renewedAt = performance.now()
  let next: NodeJS.Timeout | undefined

  const give = (up: LifeboatError) => {
    if (!controller.signal.aborted) controller.abort(up)
  }
  const lose = (why: string) => {
    lost = true
    give(new LifeboatError('interrupted', why))
  }
  // whoever aborts may say why: the CLI's Ctrl-C cancels, a worker's end interrupts
  const onShutdown = () =>
    give(
      shutdown.reason instanceof LifeboatError
        ? shutdown.reason
        : new LifeboatError('interrupted', 'The worker was shut down.', 'Another worker may go on.'),
    )
  shutdown.addEventListener('abort', onShutdown, { once: true })
  if (shutdown.aborted) onShutdown()

  // its own timer: a query on a half-open connection can hang longer than the lease
  const deadline = setInterval(() => {
    if (performance.now() - renewedAt > leaseSeconds * 1_000 - marginMs)
      give(new LifeboatError('interrupted', 'The catalogue did not answer in time.'))
  }, lookEveryMs)

  const look = async () => {
    const due = performance.now() - renewedAt >= renewEveryMs
    try {
      const asked = performance.now()
      const state = due ? await renewLease(catalog, attempt.id, attempt.token) : await attemptState(catalog, attempt.id, attempt.token)
      if (released) return
      if (state === null) return lose('Another attempt took over: this one was silent for too long.')
      if (due) renewedAt = asked
      if (state === 'cancelling') give(new LifeboatError('cancelled', 'Cancelled on request.'))
    } catch (error) {
      // the deadline decides; until then the catalogue may come back
      log.debug('a lease could not be looked at', { operation: attempt.id, reason: error instanceof Error ? error.message : String(error) })
    }
    if (!released) next = setTimeout(look, lookEveryMs)
  }
  next = setTimeout(look, lookEveryMs)

  return {
    signal: controller.signal,
    isLost: () => lost,
    release() {
      released = true
      clearTimeout(next)
      clearInterval(deadline)
      shutdown.removeEventListener('abort', onShutdown)
    },
  }
}
