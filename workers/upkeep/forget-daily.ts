import { forgetOldResults } from '#lib/catalog/checks.ts'
import { forgetOldWatching, keptDays } from '#lib/catalog/forget.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { dayMs, hourMs } from './every.ts'

/** Results of checks, messages and alerts of long ago go once a day. It is done here and now: there is nothing to watch. */
export const forgetDaily: UpkeepTask = {
  name: 'forget',
  everyMs: dayMs,
  retryMs: hourMs,
  subjects: async () => [''],
  async enqueue(trx, _subject, now) {
    await forgetOldResults(trx, new Date(now.getTime() - keptDays * dayMs))
    await forgetOldWatching(trx, now)
    return null
  },
}
