import type { Kysely, Selectable } from 'kysely'
import type { Catalog } from './schema.ts'

export type EventRow = Selectable<Catalog['operation_events']>

export async function appendEvent(
  db: Kysely<Catalog>,
  operationId: string,
  event: { kind: EventRow['kind']; message: string; data?: Record<string, unknown> },
): Promise<number> {
  const row = await db
    .insertInto('operation_events')
    .values({ operation_id: operationId, kind: event.kind, message: event.message, data: JSON.stringify(event.data ?? {}) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

/** Events after `afterId` (0: from the beginning), oldest first, at most `limit`. */
export async function listEvents(db: Kysely<Catalog>, operationId: string, afterId = 0, limit = 500): Promise<EventRow[]> {
  return db
    .selectFrom('operation_events')
    .selectAll()
    .where('operation_id', '=', operationId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute()
}
