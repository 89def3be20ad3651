import { z } from 'zod'
import { compareBackups } from '#lib/catalog/views/backup.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'What changed between two backups, table by table',
  answers: 'BackupComparison',
  query: z.object({ one: z.uuid(), other: z.uuid() }),
  handler: async ({ catalog, actor, query }) => compareBackups(catalog, actor, query.one, query.other),
})
