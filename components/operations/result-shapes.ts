import { z } from 'zod'
import { plan } from '#lib/domain/plan.ts'
import { copyStates, verdicts } from '#lib/domain/states.ts'

/** What operations leave behind in their result, read loosely: an unknown shape is shown as it is, never guessed. CONTRACT.md, "JSON". */
export const backupResult = z.object({
  id: z.string(),
  name: z.string(),
  entries: z.number(),
  rows: z.number(),
  rawBytes: z.number(),
  storedBytes: z.number(),
  copies: z.array(z.object({ storage: z.string(), state: z.enum(copyStates) })),
})

export const verifyResult = z.object({
  verdict: z.enum(verdicts),
  copies: z.array(
    z.object({
      storage: z.string(),
      verdict: z.enum(verdicts),
      entries: z.array(z.object({ ordinal: z.number(), name: z.string(), problem: z.string() })).default([]),
      entriesChecked: z.number().optional(),
      bytesRead: z.number().optional(),
    }),
  ),
})

export const checkResult = z.object({
  of: z.string(),
  ok: z.boolean(),
  server: z.object({ version: z.string(), tlsVersion: z.string().nullish() }).nullish(),
  tables: z.number().optional(),
})

export const reconcileResult = z.object({
  storage: z.string(),
  backups: z.number(),
  bytes: z.number(),
  missing: z.array(z.string()).default([]),
  returned: z.array(z.string()).default([]),
  adopted: z.array(z.string()).default([]),
  unknown: z.array(z.string()).default([]),
  refused: z.array(z.string()).default([]),
})

export const planResult = plan
