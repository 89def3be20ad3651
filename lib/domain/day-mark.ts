import type { DayMark } from './views.ts'

/** What a day held for one database. `owed`: slots that are due and that nothing has served yet. */
export interface DayCounts {
  succeeded: number
  failed: number
  missed: number
  late: number
  owed: number
}

/** One mark for a day. A success on the day outweighs a failure on it: there is a point to go back to. */
export function markOf(day: DayCounts): DayMark['mark'] {
  if (day.succeeded > 0) return day.late > 0 ? 'late' : 'succeeded'
  if (day.failed > 0) return 'failed'
  if (day.missed > 0) return 'never_ran'
  // late alone: the backup that was owed on this day is still at work, or was made on a day after it
  if (day.owed > 0 || day.late > 0) return 'overdue'
  return 'idle'
}
