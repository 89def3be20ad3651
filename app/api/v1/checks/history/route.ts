import { historyQuery, readCheckHistory } from '#lib/catalog/views/checks.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'What one check saw in the last hours, and where it saw nothing',
  answers: 'CheckHistory',
  query: historyQuery,
  handler: async ({ catalog, actor, query }) => readCheckHistory(catalog, actor, query),
})
