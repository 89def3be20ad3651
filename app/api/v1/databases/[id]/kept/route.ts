import { z } from 'zod'
import { listKept } from '#lib/catalog/views/kept.ts'
import { route } from '#lib/http/route.ts'

/** As many as a page of the list holds; absent: none. */
const backupIds = z
  .string()
  .max(10_000)
  .default('')
  .transform((text) => (text === '' ? [] : text.split(',')))
  .pipe(z.array(z.uuid()).max(200))

export const GET = route({
  permission: 'catalog.read',
  summary: 'Until when these backups of the database stay, and by what; ids divided by commas',
  answers: 'KeptUntil[]',
  query: z.object({ backupIds }),
  handler: async ({ catalog, actor, params, query }) => listKept(catalog, actor, params.id ?? '', query.backupIds),
})
