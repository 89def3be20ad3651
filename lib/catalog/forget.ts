import { type Kysely, sql } from 'kysely'
import type { Catalog } from './schema.ts'

/** Rows that are of no use any more: what is kept, and for how long, stands in docs/watching.md. Returns how many of each went. */
export async function forgetOldWatching(db: Kysely<Catalog>, now: Date): Promise<{ messages: number; alerts: number; operations: number }> {
  const before = new Date(now.getTime() - keptDays * 86_400_000)
  const messages = await db.deleteFrom('messages').where('state', '!=', 'waiting').where('created_at', '<', before).executeTakeFirst()
  const alerts = await db
    .deleteFrom('alerts')
    .where('resolved_at', '<', new Date(now.getTime() - alertDays * 86_400_000))
    .executeTakeFirst()
  // checks that Lifeboat made by itself; those that a person asked for are history
  const operations = await sql`
    DELETE FROM operations o WHERE kind = 'check' AND requested_via = 'system' AND finished_at < ${before}
      AND NOT EXISTS (SELECT FROM operations n WHERE n.after = o.id OR n.retry_of = o.id)`.execute(db)
  return { messages: Number(messages.numDeletedRows), alerts: Number(alerts.numDeletedRows), operations: Number(operations.numAffectedRows ?? 0n) }
}

/** results of checks, and messages */
export const keptDays = 90
/** alerts tell of a year, as audits ask for it, and a little more */
const alertDays = 400
