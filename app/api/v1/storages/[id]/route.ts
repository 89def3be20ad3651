import { changeStorage, removeStorage } from '#lib/catalog/storages.ts'
import { readStorageDetail } from '#lib/catalog/views/storage-detail.ts'
import { readStorage } from '#lib/catalog/views/storages.ts'
import { listMisplaced } from '#lib/catalog/residency.ts'
import { misplacedFindings } from '#lib/domain/residency.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { storageChangeInput } from '#lib/domain/inputs.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One storage, with its days, the day it fills, what it and the catalogue disagree about, and what waits for it',
  answers: 'StorageView',
  handler: async ({ catalog, actor, params }) => readStorageDetail(catalog, actor, params.id ?? ''),
})

export const PATCH = route({
  permission: 'storage.write',
  summary:
    'Change the name, the budget, the region, the medium, the lock or the credentials of a storage; new credentials are checked at once. `findings` names copies that may not lie there any more',
  input: storageChangeInput,
  // nobody takes compliance back
  confirmed: ({ lockMode }) => lockMode === 'COMPLIANCE',
  handler: async ({ catalog, actor, params, input }) => {
    const { id, kind } = await readStorage(catalog, actor, params.id ?? '')
    const { accessKeyId, secretAccessKey, deleteAccessKeyId, deleteSecretAccessKey, ...change } = input
    const credentials =
      secretAccessKey === undefined ? null : JSON.stringify({ accessKeyId, secretAccessKey, deleteAccessKeyId, deleteSecretAccessKey })
    if (credentials !== null && kind !== 's3') throw new LifeboatError('usage', 'A directory has no credentials.', 'Nothing was changed.')
    const sealed = credentials === null ? undefined : await sealTyped(catalog, credentials, storageSecretPlace(id))
    const check = await catalog.transaction().execute(async (trx) => {
      await changeStorage(trx, id, { ...change, sealed })
      await note(trx, actor, 'storage.change', { kind: 'storage', id }, { fields: Object.keys(input) })
      return sealed === undefined ? null : requestCheck(trx, actor, { input: { of: 'storage', storageId: id }, via: 'web' })
    })
    const findings = change.region === undefined ? [] : misplacedFindings(await listMisplaced(catalog, { storageId: id }))
    return { id, operationId: check?.id ?? null, findings }
  },
})

export const DELETE = route({
  permission: 'storage.write',
  summary: 'Take a storage off the list; what lies on it stays',
  confirmed: true,
  handler: async ({ catalog, actor, params }) => {
    const { id, name } = await readStorage(catalog, actor, params.id ?? '')
    await catalog.transaction().execute(async (trx) => {
      await removeStorage(trx, id)
      await note(trx, actor, 'storage.remove', { kind: 'storage', id }, { name })
    })
  },
})
