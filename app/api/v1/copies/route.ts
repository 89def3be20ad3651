import { z } from 'zod'
import { accepted, json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestCopy } from '#lib/operations/copy/request.ts'

export const POST = route({
  // the floor; the request asks for more where the copy that it is made from goes
  permission: 'copy.run',
  summary:
    'Make a copy of a backup on another storage from its other copies, make a bad copy there good again, or move one with move; honours Idempotency-Key. Without an operationId the storage is an offline medium, and the copy waits for it',
  input: z.object({
    backupId: z.uuid(),
    storageId: z.uuid(),
    /** read first; with move, what goes */
    fromCopyId: z.uuid().nullable().default(null),
    move: z.boolean().default(false),
  }),
  confirmed: ({ move }) => move,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestCopy(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return id === null ? json({ operationId: null, waiting: true }, 202) : accepted(id, { waiting: false })
  },
})
