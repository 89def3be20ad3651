import { readWatch } from '#lib/catalog/views/watch.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'When Lifeboat last looked at everything, and what is open',
  answers: 'WatchState',
  handler: async ({ catalog, actor }) => readWatch(catalog, actor),
})
