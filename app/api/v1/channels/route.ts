import { listChannels } from '#lib/catalog/views/channels.ts'
import { newChannelInput } from '#lib/domain/watch/channel-input.ts'
import { created } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { sealChannel } from '#lib/http/sealing.ts'
import { addChannel } from '#lib/operations/channels.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Who is told: channels with what became of their last messages',
  answers: 'ChannelView[]',
  handler: async ({ catalog, actor }) => listChannels(catalog, actor),
})

export const POST = route({
  permission: 'watch.write',
  summary: 'Tell a Slack channel, addresses or a webhook; the answer holds the signing key of a webhook, this once',
  answers: '{id, signingKey}',
  input: newChannelInput,
  // consent to private addresses opens a way into the network behind
  confirmed: ({ privateAllowed }) => privateAllowed,
  handler: async ({ catalog, actor, input }) => {
    const made = await addChannel(catalog, actor, input, (id, plain) => sealChannel(catalog, id, plain))
    return created(`/api/v1/channels/${made.id}`, made)
  },
})
