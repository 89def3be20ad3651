import type { Transaction } from 'kysely'
import { fromKysely, PgBoss } from 'pg-boss'
import type { Catalog } from '#lib/catalog/schema.ts'
import { queueName, queueSchema } from './boss.ts'

/**
 * Rings for an operation, in the caller's transaction: the bell is heard if and only if the row is committed.
 * The sender lives for this one call on the caller's connection (four small reads): it needs no pool, leaves no timer,
 * and works the same in the web, the CLI and a test with three catalogues.
 */
export async function ring(trx: Transaction<Catalog>, operationIds: readonly string[]): Promise<void> {
  if (operationIds.length === 0) return
  const db = fromKysely(trx)
  const boss = new PgBoss({ db, schema: queueSchema, createSchema: false, migrate: false, schedule: false, supervise: false })
  await boss.start()
  try {
    for (const operationId of operationIds) await boss.send(queueName, { operationId }, { db, singletonKey: operationId })
  } finally {
    await boss.stop({ graceful: false, close: false })
  }
}
