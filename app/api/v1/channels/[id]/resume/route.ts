import { readChannel } from '#lib/catalog/views/channels.ts'
import { route } from '#lib/http/route.ts'
import { resumeChannel } from '#lib/operations/channels.ts'

export const POST = route({
  permission: 'watch.write',
  summary: 'It is told again of what happens from now on',
  answers: 'ChannelView',
  handler: async ({ catalog, actor, params }) => {
    await resumeChannel(catalog, actor, params.id ?? '')
    return readChannel(catalog, actor, params.id ?? '')
  },
})
