import { z } from 'zod'
import { targetFingerprint } from './plan.ts'

/** What form, API and CLI send to ask for a restore. The request turns it into the operation's own input. */
const shared = {
  backupId: z.uuid(),
  /** a registered database: on its server a new one is made, or it is itself written into; null: the backup's own */
  serverDatabaseId: z.uuid().nullable().default(null),
  /** writes nothing and answers the restore plan in its result */
  dryRun: z.boolean(),
  force: z.boolean().default(false),
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  /** role of the backup -> role of the target that takes its place */
  roleMap: z.record(z.string().min(1).max(63), z.string().min(1).max(63)).default({}),
  fingerprint: targetFingerprint.nullable().default(null),
  /** the target's name as the person typed it; needed where something is overwritten */
  confirmation: z.string().max(63).optional(),
}
const full = {
  ...shared,
  scope: z.literal('full').default('full'),
}

export const restoreRequestInput = z.union([
  z.object({ ...full, way: z.literal('new').default('new'), targetDbname: z.string().min(1).max(63) }),
  z.object({ ...full, way: z.literal('replace'), undoHours: z.number().int().min(1).max(720).default(72) }),
  z.object({ ...full, way: z.literal('in_place'), dropDependents: z.boolean().default(false) }),
  z.object({
    ...shared,
    scope: z.literal('table'),
    schema: z.string().min(1).max(63),
    table: z.string().min(1).max(63),
    way: z.enum(['beside', 'replace']).default('beside'),
    rows: z.enum(['all', 'missing', 'changed', 'missing_and_changed']).default('all'),
  }),
])
export type RestoreRequestInput = z.input<typeof restoreRequestInput>
