import { enqueueCopiesDue } from '#lib/operations/copy/enqueue-due.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { minuteMs } from './every.ts'

/** Copies that wait for a medium, or failed, are made from a good one as soon as their storage is there; each with longer and longer waits. */
export const dueCopies: UpkeepTask = {
  name: 'copy',
  everyMs: minuteMs,
  retryMs: minuteMs,
  subjects: async () => [''],
  enqueue: async (trx, _subject, now) => (await enqueueCopiesDue(trx, now)).at(-1) ?? null,
}
