import { placeHoldInput } from '#lib/domain/inputs.ts'
import { json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { placeHold } from '#lib/operations/hold/request.ts'

export const POST = route({
  permission: 'hold.place',
  summary: 'Keep every copy of a backup, whatever the rules say, until the hold is released; also written beside each copy',
  answers: 'HoldView',
  input: placeHoldInput,
  handler: async ({ catalog, actor, params, input }) =>
    json(await placeHold(catalog, actor, { backupId: params.id ?? '', ...input, via: 'web' }), 201),
})
