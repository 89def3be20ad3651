import { z } from 'zod'
import { readKept } from '#lib/catalog/views/kept.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Why each copy of a backup stays or goes, and until when',
  answers: 'KeptView',
  query: z.object({ backupId: z.uuid() }),
  handler: async ({ catalog, actor, query }) => readKept(catalog, actor, query.backupId),
})
