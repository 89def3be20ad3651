import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

/** null: every database. An empty list is refused: it would read as every database. */
export async function limitToDatabases(trx: Kysely<Catalog>, userId: string, databaseIds: string[] | null): Promise<void> {
  if (databaseIds?.length === 0) throw new LifeboatError('usage', 'Name at least one database.', 'Nothing was changed. null means every database.')
  await trx.deleteFrom('user_databases').where('user_id', '=', userId).execute()
  if (databaseIds === null) return
  const known = await trx.selectFrom('databases').select('id').where('id', 'in', databaseIds).execute()
  const unknown = databaseIds.filter((id) => !known.some((row) => row.id === id))
  if (unknown.length > 0) throw new LifeboatError('not_found', 'One of the databases does not exist.', 'Nothing was changed.')
  await trx
    .insertInto('user_databases')
    .values([...new Set(databaseIds)].map((id) => ({ user_id: userId, database_id: id })))
    .execute()
}
