import { readStorage } from '#lib/catalog/views/storages.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestCheck } from '#lib/operations/check/request.ts'

export const POST = route({
  permission: 'check.run',
  summary: 'Check a storage now',
  handler: async ({ catalog, actor, params, idempotencyKey }) => {
    const { id } = await readStorage(catalog, actor, params.id ?? '')
    const check = await requestCheck(catalog, actor, { input: { of: 'storage', storageId: id }, via: 'web', idempotencyKey })
    return accepted(check.id)
  },
})
