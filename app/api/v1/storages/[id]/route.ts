import { removeStorage } from '#lib/catalog/storages.ts'
import { readStorage } from '#lib/catalog/views/storages.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One storage',
  answers: 'StorageView',
  handler: async ({ catalog, actor, params }) => readStorage(catalog, actor, params.id ?? ''),
})

export const DELETE = route({
  permission: 'storage.write',
  summary: 'Take a storage off the list; what lies on it stays',
  handler: async ({ catalog, actor, params }) => {
    const { id, name } = await readStorage(catalog, actor, params.id ?? '')
    await catalog.transaction().execute(async (trx) => {
      await removeStorage(trx, id)
      await note(trx, actor, 'storage.remove', { kind: 'storage', id }, { name })
    })
  },
})
