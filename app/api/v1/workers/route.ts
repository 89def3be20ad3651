import { listWorkers } from '#lib/catalog/views/workers.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Workers with their versions and heartbeats',
  answers: 'WorkerView[]',
  handler: async ({ catalog, actor }) => listWorkers(catalog, actor),
})
