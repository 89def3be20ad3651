import { alertFilters, listAlerts } from '#lib/catalog/views/alerts.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Alerts, newest first',
  answers: 'Page<AlertView>',
  query: alertFilters,
  handler: async ({ catalog, actor, query }) => listAlerts(catalog, actor, query),
})
