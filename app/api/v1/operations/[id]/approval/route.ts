import { z } from 'zod'
import { readOperationState } from '#lib/catalog/views/operations.ts'
import { route } from '#lib/http/route.ts'
import { decideApproval } from '#lib/operations/approve.ts'

export const POST = route({
  permission: 'restore.approve',
  summary: 'A second person’s word on an operation that waits for it; refusing cancels the operation',
  input: z.object({ approval: z.enum(['given', 'refused']) }),
  confirmed: true,
  handler: async ({ catalog, actor, params, input }) => {
    const { id } = await readOperationState(catalog, actor, params.id ?? '')
    return decideApproval(catalog, actor, id, input.approval)
  },
})
