import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'

/** How many copies on a storage are in each state. */
export async function countStates(catalog: Kysely<Catalog>, storageId: string): Promise<Record<string, number>> {
  const rows = await catalog
    .selectFrom('copies')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('storage_id', '=', storageId)
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}
