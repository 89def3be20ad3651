import { readBackup } from '#lib/catalog/views/backup.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'One backup with its contents, copies and history',
  answers: 'BackupDetail',
  handler: async ({ catalog, actor, params }) => readBackup(catalog, actor, params.id ?? ''),
})
