import { z } from 'zod'
import { readOperationState } from '#lib/catalog/views/operations.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestUndo } from '#lib/operations/undo/request.ts'

export const POST = route({
  // the floor, for a dry run; the request checks what the act itself needs
  permission: 'restore.plan',
  summary: 'Swap a replaced database back within its undo period, or drop the kept one, or plan it with dryRun; honours Idempotency-Key',
  input: z.object({
    act: z.enum(['swap_back', 'drop']),
    /** the live name to swap back, the kept database's name to drop it */
    confirmation: z.string().max(63).optional(),
    undoHours: z.number().int().min(1).max(720).optional(),
    dryRun: z.boolean().default(false),
  }),
  confirmed: (input) => !input.dryRun,
  handler: async ({ catalog, actor, params, input, idempotencyKey }) => {
    const { id } = await readOperationState(catalog, actor, params.id ?? '')
    const asked = await requestUndo(catalog, actor, { ...input, swapOperationId: id, via: 'web', idempotencyKey })
    return accepted(asked.id)
  },
})
