import { type Kysely, type Selectable, sql } from 'kysely'
import type { Catalog } from './schema.ts'

export type UpkeepRow = Selectable<Catalog['upkeep']>

/** Rows for subjects that have none yet, due at `firstAt`; rows of subjects that are gone are taken away. */
export async function keepUpkeepRows(db: Kysely<Catalog>, task: string, subjects: readonly string[], firstAt: Date): Promise<void> {
  const rows = await db.selectFrom('upkeep').select('subject').where('task', '=', task).execute()
  const known = new Set(rows.map((row) => row.subject))
  const fresh = subjects.filter((subject) => !known.has(subject))
  if (fresh.length > 0) {
    await db
      .insertInto('upkeep')
      .values(fresh.map((subject) => ({ task, subject, next_at: firstAt })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const gone = [...known].filter((subject) => !subjects.includes(subject))
  if (gone.length > 0) await db.deleteFrom('upkeep').where('task', '=', task).where('subject', 'in', gone).execute()
}

/**
 * Takes one due row of a task for this process alone: its next time is moved to `retryAt` before anything is done, so neither a second
 * worker nor the next round takes it too, and work that fails or dies waits until then. null: nothing is due.
 */
export async function takeDueUpkeep(db: Kysely<Catalog>, task: string, now: Date, retryAt: Date): Promise<UpkeepRow | null> {
  const row = await db
    .updateTable('upkeep')
    .set({ next_at: retryAt })
    .where('task', '=', task)
    .where('subject', '=', (from) =>
      from
        .selectFrom('upkeep')
        .select('subject')
        .where('task', '=', task)
        .where('next_at', '<=', now)
        .orderBy('next_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** It was done: its next time is `nextAt`. `operationId` null: there was nothing to enqueue. */
export async function noteUpkeep(
  db: Kysely<Catalog>,
  row: Pick<UpkeepRow, 'task' | 'subject'>,
  done: { at: Date; nextAt: Date; operationId: string | null },
): Promise<void> {
  await db
    .updateTable('upkeep')
    .set({ last_at: done.at, next_at: done.nextAt, operation_id: sql`coalesce(${done.operationId}::uuid, operation_id)` })
    .where('task', '=', row.task)
    .where('subject', '=', row.subject)
    .execute()
}
