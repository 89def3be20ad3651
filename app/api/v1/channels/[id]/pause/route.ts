import { readChannel } from '#lib/catalog/views/channels.ts'
import { route } from '#lib/http/route.ts'
import { pauseChannel } from '#lib/operations/channels.ts'

export const POST = route({
  permission: 'watch.write',
  summary: 'Nothing goes out by it; what waits is dropped, and what happens meanwhile is not told afterwards',
  answers: 'ChannelView',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    await pauseChannel(catalog, actor, params.id ?? '')
    return readChannel(catalog, actor, params.id ?? '')
  },
})
