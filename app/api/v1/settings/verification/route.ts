import { saveVerificationSettings, verificationSettings } from '#lib/catalog/verification-settings.ts'
import { verificationSettingsInput } from '#lib/domain/verification-cycle.ts'
import { note } from '#lib/http/note.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'How often everything that is stored is read back, and how fast',
  answers: 'VerificationSettings',
  handler: async ({ catalog }) => verificationSettings(catalog),
})

export const PUT = route({
  permission: 'storage.write',
  summary: 'Change how often everything that is stored is read back, and how fast',
  input: verificationSettingsInput,
  answers: 'VerificationSettings',
  handler: async ({ catalog, actor, input }) => {
    await catalog.transaction().execute(async (trx) => {
      await saveVerificationSettings(trx, input)
      await note(trx, actor, 'settings.change', { kind: 'setting', id: 'verification' }, { ...input })
    })
    return input
  },
})
