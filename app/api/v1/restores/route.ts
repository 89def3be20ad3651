import { z } from 'zod'
import { accepted } from '#lib/http/answers.ts'
import { route } from '#lib/http/route.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'

const newRestore = z.object({
  backupId: z.uuid(),
  targetDbname: z.string().min(1).max(63),
  /** a registered database whose server receives the new one; null: the source's own server */
  serverDatabaseId: z.uuid().nullable().default(null),
  /** writes nothing and answers the restore plan in its result */
  dryRun: z.boolean(),
  force: z.boolean().default(false),
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  fingerprint: z.object({ host: z.string(), port: z.number(), systemIdentifier: z.string().nullable() }).nullable().default(null),
})

export const POST = route({
  // the floor; a restore onto another server needs restore.elsewhere, which the request checks
  permission: 'restore.plan',
  summary: 'Restore a backup into a new database, or plan it with dryRun; honours Idempotency-Key',
  input: newRestore,
  handler: async ({ catalog, actor, input, idempotencyKey }) => {
    const { id } = await requestRestore(catalog, actor, { ...input, via: 'web', idempotencyKey })
    return accepted(id)
  },
})
