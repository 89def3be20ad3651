import { readSchedule } from '#lib/catalog/views/schedules.ts'
import { scheduleChangeInput } from '#lib/domain/schedule-input.ts'
import { route } from '#lib/http/route.ts'
import { changeSchedule, removeSchedule } from '#lib/operations/schedules.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One schedule',
  answers: 'ScheduleView',
  handler: async ({ catalog, actor, params }) => readSchedule(catalog, actor, params.id ?? ''),
})

export const PATCH = route({
  permission: 'schedule.write',
  summary: 'Change its times or its storages; runs to come follow, past ones stay as they were',
  answers: 'ScheduleView',
  input: scheduleChangeInput,
  handler: async ({ catalog, actor, params, input }) => {
    await changeSchedule(catalog, actor, params.id ?? '', input)
    return readSchedule(catalog, actor, params.id ?? '')
  },
})

export const DELETE = route({
  permission: 'schedule.write',
  summary: 'Take a schedule away; its backups and its history stay',
  handler: async ({ catalog, actor, params }) => removeSchedule(catalog, actor, params.id ?? ''),
})
