import { catalogueNow } from '#lib/catalog/clock.ts'
import { logFilters, searchLogs } from '#lib/catalog/views/logs.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Lines of the logs of operations, newest first, with common faults explained',
  answers: 'Page<LogLine>',
  query: logFilters,
  handler: async ({ catalog, actor, query }) => searchLogs(catalog, actor, await catalogueNow(catalog), query),
})
