import { accepted } from '#lib/http/answers.ts'
import { readDatabase } from '#lib/catalog/views/databases.ts'
import { route } from '#lib/http/route.ts'
import { requestCheck } from '#lib/operations/check/request.ts'

export const POST = route({
  permission: 'check.run',
  summary: 'Check a database now',
  handler: async ({ catalog, actor, params, idempotencyKey }) => {
    const { id } = await readDatabase(catalog, actor, params.id ?? '')
    const check = await requestCheck(catalog, actor, { input: { of: 'database', databaseId: id }, via: 'web', idempotencyKey })
    return accepted(check.id)
  },
})
