import { restoreRequestInput } from '#lib/domain/restore-input.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'

export const POST = route({
  // the floor; what overwrites, or goes to another server, needs more, which the request checks
  permission: 'restore.plan',
  summary: 'Restore a backup or one of its tables, or plan it with dryRun; honours Idempotency-Key',
  input: restoreRequestInput,
  confirmed: ({ dryRun }) => !dryRun,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestRestore(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
