import { cloneRequestInput } from '#lib/domain/clone-input.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestClone } from '#lib/operations/clone/request.ts'

export const POST = route({
  // the floor; a clone onto another server needs more, which the request checks
  permission: 'restore.plan',
  summary: 'Clone a live database into a new one with no storage in between, or plan it with dryRun; honours Idempotency-Key',
  input: cloneRequestInput,
  confirmed: ({ dryRun }) => !dryRun,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestClone(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
