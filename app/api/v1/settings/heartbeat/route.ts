import { readHeartbeat } from '#lib/catalog/views/watch.ts'
import { heartbeatInput } from '#lib/domain/watch/heartbeat.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { removeHeartbeat, setHeartbeat } from '#lib/operations/watch-settings.ts'
import { heartbeatUrlPlace } from '#lib/secrets/places.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'The service that hears of Lifeboat after each healthy cycle; null: there is none',
  answers: 'HeartbeatView | null',
  handler: async ({ catalog, actor }) => readHeartbeat(catalog, actor),
})

export const PUT = route({
  permission: 'watch.write',
  summary: 'Tell a service after each healthy cycle; it calls when it hears nothing',
  answers: 'HeartbeatView | null',
  input: heartbeatInput,
  confirmed: ({ url, privateAllowed }) => url !== undefined || privateAllowed,
  handler: async ({ catalog, actor, input }) => {
    await setHeartbeat(catalog, actor, input, (plain) => sealTyped(catalog, plain, heartbeatUrlPlace()))
    return readHeartbeat(catalog, actor)
  },
})

export const DELETE = route({
  permission: 'watch.write',
  summary: 'Tell no service any more',
  confirmed: true,
  handler: async ({ catalog, actor }) => removeHeartbeat(catalog, actor),
})
