import { readChannel } from '#lib/catalog/views/channels.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestCheck } from '#lib/operations/check/request.ts'

export const POST = route({
  permission: 'watch.write',
  summary: 'Send a test message; the operation ends with the true answer of the other side',
  handler: async ({ catalog, actor, params, idempotencyKey }) => {
    const { id } = await readChannel(catalog, actor, params.id ?? '')
    const check = await requestCheck(catalog, actor, { input: { of: 'channel', channelId: id }, via: 'web', idempotencyKey })
    return accepted(check.id)
  },
})
