import { releaseHoldInput } from '#lib/domain/inputs.ts'
import { route } from '#lib/http/route.ts'
import { releaseHold } from '#lib/operations/hold/request.ts'

export const POST = route({
  permission: 'hold.release',
  summary: 'Release a hold: the rules decide on the backup again, where nothing else holds it',
  answers: 'HoldView',
  input: releaseHoldInput,
  confirmed: true,
  handler: async ({ catalog, actor, params, input }) => releaseHold(catalog, actor, { holdId: params.id ?? '', ...input, via: 'web' }),
})
