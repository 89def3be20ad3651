import { readAlert } from '#lib/catalog/views/alerts.ts'
import { acknowledgeInput } from '#lib/domain/watch/alert-input.ts'
import { route } from '#lib/http/route.ts'
import { acknowledgeAlert } from '#lib/operations/alerts.ts'

export const POST = route({
  permission: 'alert.answer',
  summary: 'Take an alert on: nobody further is called',
  answers: 'AlertDetail',
  input: acknowledgeInput,
  handler: async ({ catalog, actor, params, input }) => {
    await acknowledgeAlert(catalog, actor, params.id ?? '', input)
    return readAlert(catalog, actor, params.id ?? '')
  },
})
