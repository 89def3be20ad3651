import { retentionSettingsChange } from '#lib/domain/retention/settings.ts'
import { route } from '#lib/http/route.ts'
import { changeRetentionSettings } from '#lib/operations/retention-settings.ts'

export const PUT = route({
  permission: 'retention.write',
  summary: 'What bounds deleting by rule: copies in one run, the delay of a shorter rule, days of safety backups and of what nobody looked at',
  input: retentionSettingsChange,
  confirmed: true,
  handler: async ({ catalog, actor, input }) => changeRetentionSettings(catalog, actor, input),
})
