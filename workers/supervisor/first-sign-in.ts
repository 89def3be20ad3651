import type { Kysely } from 'kysely'
import { makeSetupLink } from '#lib/auth/setup-link.ts'
import type { Catalog } from '#lib/catalog/schema.ts'

/** The whole link for the first admin; null: there is an admin. A new start makes the link of an earlier one useless. */
export async function firstSignInLink(catalog: Kysely<Catalog>, address: string): Promise<string | null> {
  const link = await makeSetupLink(catalog)
  return link === null ? null : `${address.replace(/\/+$/, '')}${link.path}`
}
