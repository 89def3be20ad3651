import { randomUUID } from 'node:crypto'
import { newStorageInput } from '#lib/domain/inputs.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { sealTyped } from '#lib/http/sealing.ts'
import { configOf, secretOf } from '#lib/http/storage-config.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'

export const POST = route({
  permission: 'storage.write',
  summary:
    'Prepare and try a place without registering it; it is marked with the storageId in the answer, to register it under. A place that was a storage before keeps its id: then the check’s result holds the storageId to use',
  input: newStorageInput,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const storageId = input.storageId ?? randomUUID()
    const secret = secretOf(input)
    const secretSealed = secret === null ? null : await sealTyped(catalog, secret, storageSecretPlace(storageId))
    const check = await requestCheck(catalog, actor, {
      input: { of: 'new_storage', storageId, kind: input.kind, config: configOf(input), secretSealed },
      via: 'web',
      idempotencyKey,
    })
    return accepted(check.id, { storageId })
  },
})
