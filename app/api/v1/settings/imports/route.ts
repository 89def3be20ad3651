import { z } from 'zod'
import { importsEnabled, setImportsEnabled } from '#lib/catalog/imports.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'May files of the older scripts be imported?',
  handler: async ({ catalog }) => ({ enabled: await importsEnabled(catalog) }),
})

export const PUT = route({
  permission: 'import.run',
  summary: 'Allow imports of the older scripts’ files, or do not',
  input: z.object({ enabled: z.boolean() }),
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    await catalog.transaction().execute(async (trx) => {
      await setImportsEnabled(trx, input.enabled)
      await note(trx, actor, 'settings.change', { kind: 'setting', id: 'imports' }, input)
    })
    return input
  },
})
