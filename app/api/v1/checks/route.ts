import { z } from 'zod'
import { readChecks } from '#lib/catalog/views/checks.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Every check with its last result; one that was not made in time is unknown',
  answers: 'CheckView[]',
  query: z.object({ databaseId: z.uuid().optional() }),
  handler: async ({ catalog, actor, query }) => readChecks(catalog, actor, query),
})
