import { z } from 'zod'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Databases that gave their name to a restored one, and until when each is kept',
  answers: 'SwapView[]',
  query: z.object({ databaseId: z.uuid().optional(), kept: z.stringbool().optional() }),
  handler: async ({ catalog, actor, query }) =>
    listSwaps(catalog, actor, { databaseId: query.databaseId, ...(query.kept === undefined ? {} : { kept: query.kept }) }),
})
