import { z } from 'zod'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { needsApproval, setNeedsApproval } from '#lib/catalog/approvals.ts'
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
      await appendAudit(trx, auditKey(), { ...auditActor(actor), action: 'settings.approvals', outcome: 'done', detail: input })
    })
    return input
  },
})
