import { readSchedule } from '#lib/catalog/views/schedules.ts'
import { route } from '#lib/http/route.ts'
import { resumeSchedule } from '#lib/operations/schedules.ts'

export const POST = route({
  permission: 'schedule.write',
  summary: 'It owes backups again, from now on',
  answers: 'ScheduleView',
  handler: async ({ catalog, actor, params }) => {
    await resumeSchedule(catalog, actor, params.id ?? '')
    return readSchedule(catalog, actor, params.id ?? '')
  },
})
