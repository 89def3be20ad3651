import { z } from 'zod'
import { severities } from './states.ts'

/** What a dry run found; printed by the CLI and shown by the wizard as it stands. CONTRACT.md, `--dry-run`. */
export const finding = z.object({
  severity: z.enum(severities),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  overridable: z.boolean(),
})
export type Finding = z.infer<typeof finding>

/** What a target is, so that it can be told from another one under the same name. */
export const targetFingerprint = z.object({
  host: z.string(),
  port: z.number(),
  /** null: the server does not let this role see it */
  systemIdentifier: z.string().nullable(),
  dbname: z.string().nullable().default(null),
  /** of the database that is overwritten or written into; null: a new one is created */
  oid: z.number().nullable().default(null),
  inRecovery: z.boolean().default(false),
})
export type TargetFingerprint = z.output<typeof targetFingerprint>

/** The rows of a backup's table held against those of the live table, by primary key. */
export const rowComparison = z.object({
  /** the columns of the key; empty: there is none, and whole rows were compared */
  key: z.array(z.string()),
  onlyBackup: z.number(),
  onlyLive: z.number(),
  different: z.number(),
  same: z.number(),
  /** a look at some rows; values as COPY text, shortened; null is NULL */
  samples: z.array(
    z.object({
      kind: z.enum(['only_backup', 'only_live', 'different']),
      key: z.array(z.string().nullable()),
      columns: z.array(z.object({ name: z.string(), backup: z.string().nullable(), live: z.string().nullable() })),
    }),
  ),
  /** columns that only one side has */
  columnsOnlyBackup: z.array(z.string()),
  columnsOnlyLive: z.array(z.string()),
  /** columns of both whose type was changed since: their values may differ in text alone */
  columnsOfOtherType: z.array(z.object({ name: z.string(), backup: z.string(), live: z.string() })).default([]),
})
export type RowComparison = z.output<typeof rowComparison>

/** How long restores of the same kind took: measured, or nothing at all. */
export const recoveryTimes = z.object({
  runs: z.number(),
  medianSeconds: z.number(),
  p95Seconds: z.number(),
  stages: z.array(z.object({ stage: z.string(), runs: z.number(), medianSeconds: z.number(), p95Seconds: z.number() })),
})
export type RecoveryTimes = z.output<typeof recoveryTimes>

export const plan = z.object({
  blocked: z.boolean(),
  findings: z.array(finding),
  steps: z.array(z.string()),
  /** null: no evidence yet */
  estimatedSeconds: z.number().nullable(),
  /** how the estimate was made, in words; "" where there is none */
  estimateFrom: z.string(),
  tables: z.array(z.object({ schema: z.string(), table: z.string(), rows: z.number(), rawBytes: z.number(), action: z.string() })),
  /** what the dry run itself cost */
  bytesRead: z.number(),
  seconds: z.number(),
  /** null: no evidence yet */
  recoveryTimes: recoveryTimes.nullable().default(null),
  /** identity of the target as seen; checked again when the work starts */
  target: targetFingerprint.extend({ dbname: z.string(), serverVersion: z.string() }).nullable(),
  /** what depends on the objects that are replaced, and what happens to it */
  dependencies: z.array(z.object({ object: z.string(), what: z.string() })).default([]),
  /** one table that is replaced: what would change; null where nothing was compared */
  rows: rowComparison.nullable().default(null),
  /** what is taken before the work starts; null: nothing is overwritten */
  safety: z
    .object({ database: z.string(), storages: z.array(z.string()), bytes: z.number().nullable() })
    .nullable()
    .default(null),
})
export type Plan = z.output<typeof plan>

/** What most plans have not: nothing is overwritten, and nothing of the kind was measured. */
export const nothingOverwritten = { recoveryTimes: null, dependencies: [], rows: null, safety: null } satisfies Partial<Plan>

/** Blocked: a blocker that may not be overridden, or one that may be and was not. */
export function isBlocked(findings: readonly Finding[], force: boolean): boolean {
  return findings.some((one) => one.severity === 'blocker' && !(force && one.overridable))
}
