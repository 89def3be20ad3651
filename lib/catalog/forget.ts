import { type Kysely, sql } from 'kysely'
import { type Batches, deleteInBatches } from './delete-in-batches.ts'
import type { Catalog } from './schema.ts'

/** with an alert or an operation its events go, which may be many */
const defaults: Batches = { rows: 1_000, atMost: 200 }
/** what refers to an operation is looked for in tables without an index for it: 60 ms for each one, beside 200,000 others */
const ofOperations: Batches = { rows: 50, atMost: 20 }

/**
 * Rows that are of no use any more: what is kept, and for how long, stands in docs/watching.md. In batches; what one run leaves goes with the next.
 * Returns how many of each went.
 */
export async function forgetOldWatching(
  db: Kysely<Catalog>,
  now: Date,
  batches: { others: Batches; operations: Batches } = { others: defaults, operations: ofOperations },
): Promise<{ messages: number; alerts: number; operations: number }> {
  const before = new Date(now.getTime() - keptDays * 86_400_000)
  const resolvedBefore = new Date(now.getTime() - alertDays * 86_400_000)
  const messages = await deleteInBatches(batches.others, async (limit) => {
    const gone = await sql`
      DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE state <> 'waiting' AND created_at < ${before} LIMIT ${limit})`.execute(db)
    return Number(gone.numAffectedRows ?? 0n)
  })
  const alerts = await deleteInBatches(batches.others, async (limit) => {
    const gone = await sql`DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE resolved_at < ${resolvedBefore} LIMIT ${limit})`.execute(db)
    return Number(gone.numAffectedRows ?? 0n)
  })
  // checks that Lifeboat made by itself; those that a person asked for are history
  const operations = await deleteInBatches(batches.operations, async (limit) => {
    const gone = await sql`
      DELETE FROM operations WHERE id IN (
        SELECT id FROM operations o WHERE kind = 'check' AND requested_via = 'system' AND finished_at < ${before}
          AND NOT EXISTS (SELECT FROM operations n WHERE n.after = o.id) AND NOT EXISTS (SELECT FROM operations n WHERE n.retry_of = o.id) LIMIT ${limit})`.execute(
      db,
    )
    return Number(gone.numAffectedRows ?? 0n)
  })
  return { messages, alerts, operations }
}

/** results of checks, and messages */
export const keptDays = 90
/** alerts tell of a year, as audits ask for it, and a little more */
const alertDays = 400
