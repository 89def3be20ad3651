import { z } from 'zod'
import { listNativeBackups } from '#lib/catalog/views/native-backups.ts'
import { route } from '#lib/http/route.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'What Supabase itself keeps, newest first; Lifeboat can neither read nor verify it',
  answers: 'NativeBackupView[]',
  query: z.object({ databaseId: z.uuid().optional() }),
  handler: async ({ catalog, actor, query }) => listNativeBackups(catalog, actor, query),
})
