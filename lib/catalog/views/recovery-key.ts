import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { RecoveryKeyView } from '#lib/domain/views.ts'
import { iso } from './scope.ts'

/** The recovery key in use: the newest that was not retired. */
export async function readRecoveryKey(catalog: Kysely<Catalog>, _actor: Actor): Promise<RecoveryKeyView> {
  const row = await catalog
    .selectFrom('keys')
    .select(['id', 'created_at', 'confirmed_at'])
    .where('purpose', '=', 'recovery')
    .where('retired_at', 'is', null)
    .orderBy('created_at', 'desc')
    .executeTakeFirst()
  if (row === undefined) return { state: 'none', keyId: null, createdAt: null, confirmedAt: null }
  return {
    state: row.confirmed_at === null ? 'made' : 'confirmed',
    keyId: row.id,
    createdAt: iso(row.created_at),
    confirmedAt: iso(row.confirmed_at),
  }
}
