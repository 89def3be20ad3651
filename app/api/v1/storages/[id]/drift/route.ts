import { readStorage } from '#lib/catalog/views/storages.ts'
import { driftActionInput } from '#lib/domain/drift.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestRemedy } from '#lib/operations/reconcile/request.ts'
import { requestRepair } from '#lib/operations/copy/request.ts'

export const POST = route({
  permission: 'storage.reconcile',
  summary: 'Do something about one thing that a storage and the catalogue disagree about: adopt, remove, abort, repair',
  input: driftActionInput,
  confirmed: ({ action }) => action === 'remove' || action === 'abort',
  handler: async ({ catalog, actor, params, input, idempotencyKey }) => {
    const { id: storageId } = await readStorage(catalog, actor, params.id ?? '')
    const { action, kind, path } = input
    if (action === 'repair') return accepted(await requestRepair(catalog, actor, { storageId, path, via: 'web', idempotencyKey }))
    const { id } = await requestRemedy(catalog, actor, { storageId, action, kind, path, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
