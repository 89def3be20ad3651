import { readChannel } from '#lib/catalog/views/channels.ts'
import { channelChangeInput } from '#lib/domain/watch/channel-input.ts'
import { route } from '#lib/http/route.ts'
import { sealChannel } from '#lib/http/sealing.ts'
import { changeChannel, removeChannel } from '#lib/operations/channels.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One channel',
  answers: 'ChannelView',
  handler: async ({ catalog, actor, params }) => readChannel(catalog, actor, params.id ?? ''),
})

export const PATCH = route({
  permission: 'watch.write',
  summary: 'Change a channel; what is left out stays. The answer holds a new signing key of a webhook, this once',
  answers: '{id, signingKey}',
  input: channelChangeInput,
  // a browser that was left open must neither silence a channel nor lead it elsewhere
  confirmed: ({ name: _, ...rest }) => Object.keys(rest).length > 0,
  handler: async ({ catalog, actor, params, input }) =>
    changeChannel(catalog, actor, params.id ?? '', input, (id, plain) => sealChannel(catalog, id, plain)),
})

export const DELETE = route({
  permission: 'watch.write',
  summary: 'Remove a channel; what waits for it is dropped',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => removeChannel(catalog, actor, params.id ?? ''),
})
