import { type Kysely, type Selectable, sql } from 'kysely'
import type { DriftKind } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

export type DriftRow = Selectable<Catalog['storage_drift']>

/** One place where a storage and the catalogue disagree, as a reconcile saw it. */
export interface SeenDrift {
  kind: DriftKind
  /** a backup's directory; of foreign objects the first part of their names */
  path: string
  objects: number
  bytes: number
  detail: Record<string, unknown>
}

/** Writes down what was seen now, keeps since when, and forgets what is gone. */
export async function recordDrift(catalog: Kysely<Catalog>, storageId: string, seen: readonly SeenDrift[]): Promise<void> {
  await catalog.transaction().execute(async (trx) => {
    // now() stands still within a transaction: what is not written by it is older
    const now = sql<Date>`now()`
    for (let from = 0; from < seen.length; from += 1_000) {
      const rows = seen.slice(from, from + 1_000).map((one) => ({ ...one, detail: JSON.stringify(one.detail), storage_id: storageId }))
      await trx
        .insertInto('storage_drift')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['storage_id', 'kind', 'path']).doUpdateSet((eb) => ({
            objects: eb.ref('excluded.objects'),
            bytes: eb.ref('excluded.bytes'),
            detail: eb.ref('excluded.detail'),
            seen_at: now,
          })),
        )
        .execute()
    }
    await trx.deleteFrom('storage_drift').where('storage_id', '=', storageId).where('seen_at', '<', now).execute()
  })
}

export async function forgetDrift(db: Kysely<Catalog>, storageId: string, of: { kind: DriftKind; path: string }): Promise<void> {
  await db.deleteFrom('storage_drift').where('storage_id', '=', storageId).where('kind', '=', of.kind).where('path', '=', of.path).execute()
}

export async function getDrift(db: Kysely<Catalog>, storageId: string, of: { kind: DriftKind; path: string }): Promise<DriftRow | null> {
  const row = await db
    .selectFrom('storage_drift')
    .selectAll()
    .where('storage_id', '=', storageId)
    .where('kind', '=', of.kind)
    .where('path', '=', of.path)
    .executeTakeFirst()
  return row ?? null
}

/** What can be acted on first, oldest first. */
export async function listDrift(db: Kysely<Catalog>, storageId: string, limit = 1_000): Promise<DriftRow[]> {
  return db
    .selectFrom('storage_drift')
    .selectAll()
    .where('storage_id', '=', storageId)
    .orderBy('kind')
    .orderBy('found_at')
    .orderBy('path')
    .limit(limit)
    .execute()
}
