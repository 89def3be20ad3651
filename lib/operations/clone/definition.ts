import { z } from 'zod'
import { targetFingerprint } from '#lib/domain/plan.ts'
import { define } from '../definition.ts'

export const cloneInput = z.object({
  /** the live database that is cloned */
  databaseId: z.uuid(),
  databaseName: z.string(),
  /** a registered database on the server that gets the clone; null: the source's own server */
  serverDatabaseId: z.uuid().nullable(),
  /** the new database */
  targetDbname: z.string().min(1).max(63),
  /** what to do with roles that the target lacks and that roleMap does not name */
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  /** role of the source -> role of the target that takes its place */
  roleMap: z.record(z.string(), z.string()).default({}),
  /** pairs of sessions that stream data */
  jobs: z.number().int().min(1).max(16).default(2),
  /** overrides findings that may be overridden */
  force: z.boolean().default(false),
  /** as the confirmed dry run saw the target; checked again when the work starts */
  fingerprint: targetFingerprint.nullable().default(null),
})
export type CloneInput = z.output<typeof cloneInput>

/** Streams a live database into a new one, with no storage in between, and compares them. Never retried by itself. */
export const cloneDefinition = define({
  kind: 'clone',
  input: cloneInput,
  // another server is a way to carry data out
  permission: (input) => (input.serverDatabaseId === null ? 'clone.run' : 'restore.elsewhere'),
  // that of a restore into the same new name
  targetKey: (input) => `restore:${input.serverDatabaseId ?? input.databaseId}:${input.targetDbname}`,
  attempts: 1,
  title: (input) => `Clone ${input.databaseName} into ${input.targetDbname}`,
})
