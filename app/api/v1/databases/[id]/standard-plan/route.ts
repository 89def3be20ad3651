import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { route } from '#lib/http/route.ts'
import { applyStandardPlan } from '#lib/operations/schedules.ts'

export const POST = route({
  permission: 'schedule.write',
  summary: 'Daily, weekly and monthly backups, each where the database has no schedule of that tier yet',
  answers: 'ScheduleView[]',
  handler: async ({ catalog, actor, params }) => {
    const databaseId = params.id ?? ''
    await applyStandardPlan(catalog, actor, databaseId)
    return listSchedules(catalog, actor, { databaseId })
  },
})
