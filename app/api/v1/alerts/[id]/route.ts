import { readAlert } from '#lib/catalog/views/alerts.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One alert: what it means, what to do, what became of it and who was told',
  answers: 'AlertDetail',
  handler: async ({ catalog, actor, params }) => readAlert(catalog, actor, params.id ?? ''),
})
