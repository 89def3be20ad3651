import { z } from 'zod'
import { listSchedules, readSchedule } from '#lib/catalog/views/schedules.ts'
import { newScheduleInput } from '#lib/domain/schedule-input.ts'
import { created } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { addSchedule } from '#lib/operations/schedules.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Schedules with their next five runs and what became of the last fourteen',
  answers: 'ScheduleView[]',
  query: z.object({ databaseId: z.uuid().optional() }),
  handler: async ({ catalog, actor, query }) => listSchedules(catalog, actor, query),
})

export const POST = route({
  permission: 'schedule.write',
  summary: 'Back a database up at given times; one schedule per tier',
  answers: 'ScheduleView',
  input: newScheduleInput,
  handler: async ({ catalog, actor, input }) => {
    const id = await addSchedule(catalog, actor, input)
    return created(`/api/v1/schedules/${id}`, await readSchedule(catalog, actor, id))
  },
})
