import { z } from 'zod'
import { backupFilters, listBackups } from '#lib/catalog/views/backups.ts'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'

export const GET = route({
  permission: 'catalog.read',
  summary: 'Backups, newest first',
  answers: 'Page<BackupView>',
  query: backupFilters,
  handler: async ({ catalog, actor, query }) => listBackups(catalog, actor, query),
})

const newBackup = z.object({
  databaseId: z.uuid(),
  tier: z.enum(['daily', 'weekly', 'monthly', 'manual']).default('manual'),
  /** absent or empty: every storage */
  storageIds: z.array(z.uuid()).max(50).default([]),
  dryRun: z.boolean().default(false),
})

export const POST = route({
  permission: 'backup.run',
  summary: 'Take a backup now; honours Idempotency-Key',
  input: newBackup,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestBackup(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
