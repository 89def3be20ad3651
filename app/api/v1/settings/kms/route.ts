import { kmsSetting, setKmsSettings } from '#lib/catalog/kms.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const PUT = route({
  permission: 'key.manage',
  summary: 'Let a key of AWS KMS open backups beside the master key; for those that exist, seal the keys anew',
  answers: 'KeysView',
  input: kmsSetting,
  confirmed: true,
  handler: async ({ catalog, actor, input }) => {
    await catalog.transaction().execute(async (trx) => {
      await setKmsSettings(trx, input)
      await note(trx, actor, 'settings.change', { kind: 'setting', id: 'kms' }, input)
    })
    return readKeys(catalog, actor)
  },
})

export const DELETE = route({
  permission: 'key.manage',
  summary: 'Use no key of AWS KMS any more; what it opens it goes on opening until the old keys are forgotten',
  answers: 'KeysView',
  confirmed: true,
  handler: async ({ catalog, actor }) => {
    await catalog.transaction().execute(async (trx) => {
      await setKmsSettings(trx, null)
      await note(trx, actor, 'settings.change', { kind: 'setting', id: 'kms' }, { keyArn: null })
    })
    return readKeys(catalog, actor)
  },
})
