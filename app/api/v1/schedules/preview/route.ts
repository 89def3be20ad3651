import { previewSchedule } from '#lib/catalog/views/schedules.ts'
import { schedulePreviewInput } from '#lib/domain/schedule-input.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'A cron expression in words, with its next five runs, by the parser that fires',
  answers: 'SchedulePreview',
  query: schedulePreviewInput,
  handler: async ({ catalog, query }) => previewSchedule(catalog, query),
})
