import { z } from 'zod'
import { json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestRewrap } from '#lib/operations/rewrap/request.ts'

export const POST = route({
  permission: 'key.manage',
  summary: 'Seal the keys of all backups anew, by the newest master key, the recovery key and AWS KMS; one operation for each storage',
  input: z.object({ storageId: z.uuid().optional(), forgetOld: z.boolean().default(false), dryRun: z.boolean().default(false) }),
  confirmed: true,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { storageId, ...rest } = input
    const requested = await requestRewrap(catalog, actor, { ...rest, ...(storageId ? { storageId } : {}), via: 'web', idempotencyKey })
    return json(requested, requested.operations.length > 0 ? 202 : 200)
  },
})
