import { readOperation } from '#lib/catalog/views/operations.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One operation with its log',
  answers: 'OperationDetail',
  handler: async ({ catalog, actor, params }) => readOperation(catalog, actor, params.id ?? ''),
})
