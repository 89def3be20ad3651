import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Gauges } from './gauges.ts'

export async function measureStorages(catalog: Kysely<Catalog>, { gauge }: Gauges): Promise<void> {
  const copies = gauge('copies', 'Copies by state', ['state'])
  const states = await catalog
    .selectFrom('copies')
    .select(['state', sql<number>`count(*)::int`.as('n')])
    .groupBy('state')
    .execute()
  for (const { state, n } of states) copies.set({ state }, n)

  const used = gauge('storage_used_bytes', 'What the backups take on a storage', ['storage'])
  const free = gauge('storage_free_bytes', 'What is free on a storage; absent: it does not say', ['storage'])
  const total = gauge('storage_total_bytes', 'How large a storage is; absent: it does not say', ['storage'])
  const rows = await catalog
    .selectFrom('storages')
    .select(['name', 'used_bytes', 'free_bytes', 'total_bytes'])
    .where('removed_at', 'is', null)
    .orderBy('name')
    .execute()
  for (const row of rows) {
    if (row.used_bytes !== null) used.set({ storage: row.name }, row.used_bytes)
    if (row.free_bytes !== null) free.set({ storage: row.name }, row.free_bytes)
    if (row.total_bytes !== null) total.set({ storage: row.name }, row.total_bytes)
  }
}
