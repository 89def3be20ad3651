import { z } from 'zod'
import { formatCount } from '#lib/domain/units.ts'
import { restoreOutcomes } from '#lib/domain/states.ts'

/** What a finished restore returns; CONTRACT.md, `restore-*`. Losses are read loosely: each is one object that did not come back. */
const restoreResult = z.object({
  target: z.string(),
  outcome: z.enum(restoreOutcomes),
  tables: z.number(),
  rows: z.number(),
  losses: z.array(z.unknown()).default([]),
  undoUntil: z.string().nullable().default(null),
  /** in place: what brings back what was overwritten */
  safetyBackupId: z.string().nullish(),
  /** one table: the one that was written; beside it has a name of its own */
  table: z.object({ schema: z.string(), name: z.string() }).nullish(),
  rowsWritten: z.object({ inserted: z.number(), updated: z.number(), skipped: z.number(), before: z.number().nullable() }).nullish(),
})
export type RestoreResult = z.infer<typeof restoreResult>

export function resultOf(operation: { result: Record<string, unknown> | null }): RestoreResult | null {
  const parsed = restoreResult.safeParse(operation.result?.restore)
  return parsed.success ? parsed.data : null
}

/** A database that was replaced: the one that is kept, or why nothing was swapped. */
const swapResult = z.object({ kept: z.string(), undoUntil: z.string() })
export function swapOf(operation: { result: Record<string, unknown> | null }): z.infer<typeof swapResult> | null {
  const parsed = swapResult.safeParse(operation.result?.swap)
  return parsed.success ? parsed.data : null
}
/** Something was lost, so nothing was swapped: the restored database stays under this name. */
export function besideOf(operation: { result: Record<string, unknown> | null }): string | null {
  const { beside } = operation.result ?? {}
  return typeof beside === 'string' ? beside : null
}

/** What was written into a live table, in words. */
export function writtenWords({ inserted, updated, skipped, before }: NonNullable<RestoreResult['rowsWritten']>): string {
  const parts = [
    before === null ? null : `${formatCount(before, 'row')} that ${before === 1 ? 'was' : 'were'} there taken out`,
    `${formatCount(inserted, 'row')} put in`,
    updated > 0 || before === null ? `${formatCount(updated, 'row')} changed back` : null,
    skipped > 0 ? `${formatCount(skipped, 'row')} left as live` : null,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

const comparedTable = z.object({
  schema: z.string(),
  table: z.string(),
  rows: z.number(),
  verdict: z.enum(['same', 'same_rows', 'differs', 'missing']),
})
export type ComparedTable = z.infer<typeof comparedTable>

/** Every table, as it compared with the manifest after the restore. */
export function comparedOf(operation: { result: Record<string, unknown> | null }): ComparedTable[] {
  const parsed = z.array(comparedTable).safeParse(operation.result?.tables)
  return parsed.success ? parsed.data : []
}

/** A loss in words, whatever its shape. */
export function lossWords(loss: unknown): string {
  if (typeof loss === 'string') return loss
  if (loss === null || typeof loss !== 'object') return String(loss)
  const { object, name, schema, table, cause, message, problem } = loss as Record<string, unknown>
  const what = object ?? name ?? (table === undefined ? undefined : [schema, table].filter(Boolean).join('.'))
  const why = cause ?? message ?? problem
  return [what, why].filter((part) => typeof part === 'string' && part !== '').join(': ') || JSON.stringify(loss)
}
