import { listOperations, operationFilters } from '#lib/catalog/views/operations.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Operations, newest first',
  answers: 'Page<OperationView>',
  query: operationFilters,
  handler: async ({ catalog, actor, query }) => listOperations(catalog, actor, query),
})
