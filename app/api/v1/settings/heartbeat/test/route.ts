import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestCheck } from '#lib/operations/check/request.ts'

export const POST = route({
  permission: 'watch.write',
  summary: 'Send the heartbeat now; the operation ends with the true answer of the other side',
  handler: async ({ catalog, actor, idempotencyKey }) => {
    const check = await requestCheck(catalog, actor, { input: { of: 'heartbeat' }, via: 'web', idempotencyKey })
    return accepted(check.id)
  },
})
