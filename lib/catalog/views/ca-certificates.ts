import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { CaCertificateView } from '#lib/domain/views.ts'
import { iso } from './scope.ts'

export async function listCaCertificates(catalog: Kysely<Catalog>, _actor: Actor): Promise<CaCertificateView[]> {
  const rows = await catalog.selectFrom('ca_certificates').select(['id', 'name', 'created_at']).orderBy('name').execute()
  return rows.map((row) => ({ id: row.id, name: row.name, createdAt: iso(row.created_at) }))
}
