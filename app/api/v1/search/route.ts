import { z } from 'zod'
import { search } from '#lib/catalog/views/search.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Find databases, backups, operations and storages by name or id',
  answers: 'SearchHit[]',
  query: z.object({ q: z.string().max(200).default('') }),
  handler: async ({ catalog, actor, query }) => search(catalog, actor, query.q),
})
