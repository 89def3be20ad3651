import { z } from 'zod'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestPrune } from '#lib/operations/prune/request.ts'

export const POST = route({
  permission: 'prune.run',
  summary: 'Delete the copies on a storage that the rules let go; a dry run says which, and why',
  input: z.object({ storageId: z.uuid(), databaseId: z.uuid().nullable().default(null), dryRun: z.boolean().default(false) }),
  confirmed: (input) => !input.dryRun,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestPrune(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
