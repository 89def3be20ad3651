import { randomUUID } from 'node:crypto'
import { findStorageByName, getStorage, insertStorage, updateStorage } from '#lib/catalog/storages.ts'
import { listStorages, placeOf } from '#lib/catalog/views/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { newStorageInput } from '#lib/domain/inputs.ts'
import { created } from '#lib/http/answers.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { configOf, secretOf } from '#lib/http/storage-config.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { requestReconcile } from '#lib/operations/reconcile/request.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'The registered storages',
  answers: 'StorageView[]',
  handler: async ({ catalog, actor }) => listStorages(catalog, actor),
})

export const POST = route({
  permission: 'storage.write',
  summary:
    'Register a storage and check it; the check writes its marker. With the storageId of one that was taken off the list, that one comes back, and its backups are looked for',
  input: newStorageInput,
  handler: async ({ catalog, actor, input }) => {
    const { name, kind } = input
    const id = input.storageId ?? randomUUID()
    const config = configOf(input)
    const secret = secretOf(input)
    const secretSealed = secret === null ? null : await sealTyped(catalog, secret, storageSecretPlace(id))
    const operation = await catalog.transaction().execute(async (trx) => {
      const row = { id, name, kind, config: JSON.stringify(config), secret_sealed: secretSealed, budget_bytes: input.budgetBytes }
      const before = await getStorage(trx, id)
      const comesBack = before !== null && before.removed_at !== null && (await findStorageByName(trx, name)) === null
      if (
        (comesBack
          ? await updateStorage(trx, id, { ...row, removed_at: null, reachable: null, checked_at: null, problem: null })
          : await insertStorage(trx, row)) === null
      ) {
        throw new LifeboatError('conflict', 'A storage with this name or id is registered already.', 'Nothing was saved. Choose another name.')
      }
      // what the catalogue remembers of it may not be true any more
      if (comesBack) await requestReconcile(trx, actor, { storageId: id, adopt: true, via: 'web' })
      const check = await requestCheck(trx, actor, { input: { of: 'new_storage', storageId: id, kind, config, secretSealed }, via: 'web' })
      await note(trx, actor, 'storage.add', { kind: 'storage', id }, { name, place: placeOf(config) })
      return check
    })
    return created(`/api/v1/storages/${id}`, { id, operationId: operation.id })
  },
})
