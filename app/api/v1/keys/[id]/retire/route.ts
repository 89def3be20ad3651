import { readKeys } from '#lib/catalog/views/keys.ts'
import { route } from '#lib/http/route.ts'
import { retireKey } from '#lib/operations/retire-key.ts'

export const POST = route({
  permission: 'key.manage',
  summary: 'Give an older master key up, when no copy and no secret needs it any more',
  answers: 'KeysView',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    await retireKey(catalog, actor, params.id ?? '')
    return readKeys(catalog, actor)
  },
})
