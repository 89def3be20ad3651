import { z } from 'zod'
import { readReports } from '#lib/catalog/views/reports.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Success by day, recovery durations, sizes',
  answers: 'ReportsView',
  query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30), databaseId: z.uuid().optional() }),
  handler: async ({ catalog, actor, query }) => readReports(catalog, actor, query.days, query.databaseId ?? null),
})
