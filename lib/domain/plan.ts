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
  /** identity of the target as seen; checked again when the work starts */
  target: z
    .object({
      host: z.string(),
      port: z.number(),
      dbname: z.string(),
      systemIdentifier: z.string().nullable(),
      serverVersion: z.string(),
    })
    .nullable(),
})
export type Plan = z.infer<typeof plan>

/** Blocked: a blocker that may not be overridden, or one that may be and was not. */
export function isBlocked(findings: readonly Finding[], force: boolean): boolean {
  return findings.some((one) => one.severity === 'blocker' && !(force && one.overridable))
}
