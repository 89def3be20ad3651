import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { markOf } from './slot-mark.ts'

/** Which databases the screen shows, in `?show=`. */
export const scheduleFilters = ['all', 'trouble', 'paused', 'none'] as const
export type ScheduleFilter = (typeof scheduleFilters)[number]

export const filterWords = {
  all: 'every database',
  trouble: 'whose last run failed or was missed',
  paused: 'with a paused schedule',
  none: 'without a schedule',
} satisfies Record<ScheduleFilter, string>

/** By the schedules of one database. */
export function matches(filter: ScheduleFilter, schedules: readonly ScheduleView[]): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'none':
      return schedules.length === 0
    case 'paused':
      return schedules.some((one) => one.pausedAt !== null)
    case 'trouble':
      return schedules.some(({ last }) => {
        const newest = last.at(-1)
        return newest !== undefined && ['failed', 'missed'].includes(markOf(newest))
      })
  }
}
