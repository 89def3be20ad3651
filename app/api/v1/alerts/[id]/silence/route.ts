import { readAlert } from '#lib/catalog/views/alerts.ts'
import { silenceInput } from '#lib/domain/watch/alert-input.ts'
import { route } from '#lib/http/route.ts'
import { silenceAlert } from '#lib/operations/alerts.ts'

export const POST = route({
  permission: 'alert.answer',
  summary: 'Keep an alert quiet for some minutes, with the reason; 0 minutes end it',
  answers: 'AlertDetail',
  input: silenceInput,
  handler: async ({ catalog, actor, params, input }) => {
    await silenceAlert(catalog, actor, params.id ?? '', input)
    return readAlert(catalog, actor, params.id ?? '')
  },
})
