import { lookInput } from '#lib/domain/inputs.ts'
import { route } from '#lib/http/route.ts'
import { lookAtBackup } from '#lib/operations/look.ts'

export const POST = route({
  permission: 'backup.look',
  summary: 'What a person says of a suspicious backup: found fine, it counts again; found bad, it never does',
  input: lookInput,
  handler: async ({ catalog, actor, params, input }) => lookAtBackup(catalog, actor, { backupId: params.id ?? '', ...input }),
})
