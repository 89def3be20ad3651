import { z } from 'zod'
import { targetFingerprint } from '#lib/domain/plan.ts'
import { define } from '../definition.ts'

const shared = {
  backupId: z.uuid(),
  backupName: z.string(),
  /** the backup's own database; null only in rows of earlier versions */
  sourceDatabaseId: z.uuid().nullable().default(null),
  /** a registered database: on its server a new one is made, or it is itself written into; null: the backup's own */
  serverDatabaseId: z.uuid().nullable(),
  /** the new database's name, or that of the registered database that is written into */
  targetDbname: z.string().min(1).max(63),
  /** overrides findings that may be overridden */
  force: z.boolean().default(false),
  /** what to do with roles that the target lacks and that roleMap does not name */
  missingRoles: z.enum(['refuse', 'create', 'drop_grants']).default('refuse'),
  /** role of the backup -> role of the target that takes its place */
  roleMap: z.record(z.string(), z.string()).default({}),
  /** as the confirmed dry run saw it; checked again when the work starts */
  fingerprint: targetFingerprint.nullable().default(null),
  /** the safety backup that this restore waits for; null: it overwrites nothing */
  safety: z.object({ operationId: z.uuid() }).nullable().default(null),
}

export const fullRestoreInput = z.object({
  scope: z.literal('full'),
  /** new: into a new database. replace: beside the live one, then swapped. in_place: into the live one, in one transaction */
  way: z.enum(['new', 'replace', 'in_place']).default('new'),
  /** replace: the old database is kept for so long */
  undoHours: z.number().int().min(1).max(720).default(72),
  /** in_place: drop and recreate live objects that depend on replaced ones */
  dropDependents: z.boolean().default(false),
  ...shared,
})
export const tableRestoreInput = z.object({
  scope: z.literal('table'),
  /** beside: under another name in the live database. replace: its rows, in one transaction */
  way: z.enum(['beside', 'replace']).default('beside'),
  schema: z.string().min(1).max(63),
  table: z.string().min(1).max(63),
  /** replace: all rows, or only those that are missing or changed */
  rows: z.enum(['all', 'missing', 'changed', 'missing_and_changed']).default('all'),
  ...shared,
})
export const restoreInput = z.discriminatedUnion('scope', [fullRestoreInput, tableRestoreInput])
export type FullRestore = z.output<typeof fullRestoreInput>
export type TableRestore = z.output<typeof tableRestoreInput>
export type RestoreInput = z.output<typeof restoreInput>

/** Does it write over what is live? Then it waits for a verified safety backup, and nothing else may write there meanwhile. */
export function overwrites(input: RestoreInput): boolean {
  return input.scope === 'table' ? input.way === 'replace' : input.way !== 'new'
}

/** The registered database that is written into, or on whose server a new one is made. */
export function targetDatabaseId(input: RestoreInput): string | null {
  return input.serverDatabaseId ?? input.sourceDatabaseId
}

/** Restores a backup, whole or one table, and compares what came back with the manifest. Never retried by itself. */
export const restoreDefinition = define({
  kind: 'restore',
  input: restoreInput,
  permission: (input) => {
    if (overwrites(input) || input.scope === 'table') return 'restore.overwrite'
    return input.serverDatabaseId === null ? 'restore.new' : 'restore.elsewhere'
  },
  targetKey: (input) => {
    const database = targetDatabaseId(input) ?? input.backupId
    // that of a backup: no backup is taken of a database while it is being overwritten
    if (overwrites(input)) return `backup:${database}`
    if (input.scope === 'table') return `beside:${database}:${input.schema}.${input.table}`
    return `restore:${database}:${input.targetDbname}`
  },
  attempts: 1,
  title: titleOf,
})

function titleOf(input: RestoreInput): string {
  if (input.scope === 'table') {
    const table = `${input.schema}.${input.table}`
    return input.way === 'beside'
      ? `Restore ${table} of ${input.backupName} beside the live table`
      : `Replace ${table} by that of ${input.backupName}`
  }
  if (input.way === 'replace') return `Replace ${input.targetDbname} by ${input.backupName}`
  if (input.way === 'in_place') return `Restore ${input.backupName} in place into ${input.targetDbname}`
  return `Restore ${input.backupName} into ${input.targetDbname}`
}
