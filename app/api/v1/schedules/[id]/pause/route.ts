import { readSchedule } from '#lib/catalog/views/schedules.ts'
import { route } from '#lib/http/route.ts'
import { pauseSchedule } from '#lib/operations/schedules.ts'

export const POST = route({
  permission: 'schedule.write',
  summary: 'It owes nothing while it is paused, and what it did not owe is not caught up',
  answers: 'ScheduleView',
  handler: async ({ catalog, actor, params }) => {
    await pauseSchedule(catalog, actor, params.id ?? '')
    return readSchedule(catalog, actor, params.id ?? '')
  },
})
