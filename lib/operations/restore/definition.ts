import { z } from 'zod'
import { define } from '../definition.ts'

export const restoreInput = z.object({
  scope: z.literal('full'),
  backupId: z.uuid(),
  backupName: z.string(),
  /** a registered database whose server receives the new database; null: the source's own server */
  serverDatabaseId: z.uuid().nullable(),
  targetDbname: z.string().min(1).max(63),
  /** overrides findings that may be overridden */
  force: z.boolean().default(false),
  /** what to do with roles that the target lacks */
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  /** as the confirmed dry run saw it; checked again when the work starts */
  fingerprint: z.object({ host: z.string(), port: z.number(), systemIdentifier: z.string().nullable() }).nullable().default(null),
})

/** Restores a whole backup into a new database, then compares every table with the manifest. Never retried by itself. */
export const restoreDefinition = define({
  kind: 'restore',
  input: restoreInput,
  permission: (input) => (input.serverDatabaseId === null ? 'restore.new' : 'restore.elsewhere'),
  targetKey: (input) => `restore:${input.serverDatabaseId ?? input.backupId}:${input.targetDbname}`,
  attempts: 1,
  title: (input) => `Restore ${input.backupName} into ${input.targetDbname}`,
})
