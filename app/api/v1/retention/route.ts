import { readRetention } from '#lib/catalog/views/retention.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Rules, duties and bounds of deleting by rule; where they contradict each other; whether deleting is paused',
  answers: 'RetentionView',
  handler: async ({ catalog, actor }) => readRetention(catalog, actor),
})
