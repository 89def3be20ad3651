import { z } from 'zod'
import { readStorage } from '#lib/catalog/views/storages.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestReconcile } from '#lib/operations/reconcile/request.ts'

export const POST = route({
  permission: 'storage.reconcile',
  summary: 'Compare a storage with the catalogue',
  input: z.object({ adopt: z.boolean().default(false) }),
  handler: async ({ catalog, actor, params, input, idempotencyKey }) => {
    const { id } = await readStorage(catalog, actor, params.id ?? '')
    const { id: operationId } = await requestReconcile(catalog, actor, { storageId: id, adopt: input.adopt, via: 'web', idempotencyKey })
    return accepted(operationId)
  },
})
