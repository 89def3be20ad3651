import { z } from 'zod'
import { json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'

export const POST = route({
  permission: 'backup.verify',
  summary: 'Verify several backups, each in an operation of its own; all are accepted or none. copyIds: only these copies of one backup',
  input: z
    .object({ backupIds: z.array(z.uuid()).min(1).max(100), copyIds: z.array(z.uuid()).min(1).max(100).optional() })
    .refine((one) => one.copyIds === undefined || one.backupIds.length === 1, { path: ['copyIds'], message: 'Copies are chosen of one backup.' }),
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const operationIds = await catalog.transaction().execute(async (trx) => {
      const ids: string[] = []
      for (const backupId of new Set(input.backupIds)) {
        const key = idempotencyKey === null ? null : `${idempotencyKey} ${backupId}`
        const copies = input.copyIds === undefined ? {} : { copyIds: input.copyIds }
        ids.push((await requestVerify(trx, actor, { backupId, ...copies, via: 'web', idempotencyKey: key })).id)
      }
      return ids
    })
    return json({ operationIds }, 202)
  },
})
