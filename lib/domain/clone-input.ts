import { z } from 'zod'
import { targetFingerprint } from './plan.ts'

/** What form, API and CLI send to ask for a clone. The request turns it into the operation's own input. */
export const cloneRequestInput = z.object({
  databaseId: z.uuid(),
  /** a registered database: on its server the clone is made; null: the source's own server */
  serverDatabaseId: z.uuid().nullable().default(null),
  targetDbname: z.string().min(1).max(63),
  /** writes nothing and answers the plan in its result */
  dryRun: z.boolean(),
  force: z.boolean().default(false),
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  /** role of the source -> role of the target that takes its place */
  roleMap: z.record(z.string().min(1).max(63), z.string().min(1).max(63)).default({}),
  /** pairs of sessions that stream data */
  jobs: z.number().int().min(1).max(16).default(2),
  fingerprint: targetFingerprint.nullable().default(null),
})
export type CloneRequestInput = z.input<typeof cloneRequestInput>
