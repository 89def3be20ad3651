import { z } from 'zod'
import { needsApproval, setNeedsApproval } from '#lib/catalog/approvals.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Must a second person agree before a restore overwrites?',
  handler: async ({ catalog }) => ({ required: await needsApproval(catalog) }),
})

export const PUT = route({
  permission: 'people.manage',
  summary: 'Ask for a second person’s word before a restore overwrites, or do not',
  input: z.object({ required: z.boolean() }),
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    await catalog.transaction().execute(async (trx) => {
      await setNeedsApproval(trx, input.required)
      await note(trx, actor, 'settings.change', { kind: 'setting', id: 'approvals' }, input)
    })
    return input
  },
})
