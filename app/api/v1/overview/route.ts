import { readOverview } from '#lib/catalog/views/overview.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Are we safe: every database with its loss, recovery time and places',
  answers: 'OverviewView',
  handler: async ({ catalog, actor }) => readOverview(catalog, actor),
})
