import { readOperationState } from '#lib/catalog/views/operations.ts'
import { json } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestCancel } from '#lib/operations/cancel.ts'

export const POST = route({
  permission: 'operation.cancel',
  summary: 'Ask for the end of an operation; it cleans up before it is cancelled',
  handler: async ({ catalog, actor, params }) => {
    const { id } = await readOperationState(catalog, actor, params.id ?? '')
    const { state } = await requestCancel(catalog, actor, id)
    return json({ id, state }, 202)
  },
})
