import type { Kysely } from 'kysely'
import { writeProgress } from '#lib/catalog/attempts.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { log } from '#lib/log.ts'
import type { Progress } from '#lib/operations/run-context.ts'

const everyMs = 500

export interface Reporter {
  progress(progress: Progress): void
  event(kind: 'log' | 'warning', message: string, data?: Record<string, unknown>): void
  /** waits until everything reported so far is written or given up */
  flush(): Promise<void>
}

/**
 * Writes an attempt's progress at most twice a second, newest wins; a change of phase is written at once and kept as an event.
 * Progress that cannot be written is dropped: the lease decides over the attempt, not its numbers.
 */
export function reportTo(catalog: Kysely<Catalog>, attempt: { id: string; token: string }): Reporter {
  let waiting: Progress | null = null
  let phase = ''
  let timer: NodeJS.Timeout | undefined
  let queue: Promise<unknown> = Promise.resolve()

  const inOrder = (write: () => Promise<unknown>) => {
    queue = queue.then(write).catch((error: unknown) => {
      log.debug('progress was not written', { operation: attempt.id, reason: error instanceof Error ? error.message : String(error) })
    })
  }
  const send = () => {
    clearTimeout(timer)
    timer = undefined
    const current = waiting
    waiting = null
    if (current !== null) inOrder(() => writeProgress(catalog, attempt.id, attempt.token, { ...current }))
  }
  return {
    progress(progress) {
      waiting = progress
      if (progress.phase !== phase) {
        phase = progress.phase
        send()
        inOrder(() => appendEvent(catalog, attempt.id, { kind: 'phase', message: progress.phase }))
      } else timer ??= setTimeout(send, everyMs)
    },
    event(kind, message, data) {
      inOrder(() => appendEvent(catalog, attempt.id, { kind, message, data: data ?? {} }))
    },
    async flush() {
      send()
      await queue
    },
  }
}
