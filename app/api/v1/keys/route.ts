import { readKeys } from '#lib/catalog/views/keys.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Every key in use or needed: who holds it, what depends on it, and what still has to be sealed anew',
  answers: 'KeysView',
  handler: async ({ catalog, actor }) => readKeys(catalog, actor),
})
