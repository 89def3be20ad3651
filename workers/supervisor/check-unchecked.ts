import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { requestCheck } from '#lib/operations/check/request.ts'

/** What was registered and never looked at gets its first check, so that the console does not begin with unknowns. */
export async function checkUnchecked(catalog: Kysely<Catalog>): Promise<void> {
  const databases = await unchecked(catalog, 'databases')
  for (const databaseId of databases) await requestCheck(catalog, systemActor, { input: { of: 'database', databaseId }, via: 'system' })
  const storages = await unchecked(catalog, 'storages')
  for (const storageId of storages) await requestCheck(catalog, systemActor, { input: { of: 'storage', storageId }, via: 'system' })
}

async function unchecked(catalog: Kysely<Catalog>, table: 'databases' | 'storages'): Promise<string[]> {
  const rows = await catalog.selectFrom(table).select('id').where('checked_at', 'is', null).where('removed_at', 'is', null).execute()
  return rows.map((row) => row.id)
}
