import type { Kysely } from 'kysely'
import { z } from 'zod'
import { verificationDefaults, type VerificationSettings } from '#lib/domain/verification-cycle.ts'
import type { Catalog } from './schema.ts'

const stored = z
  .object({
    fullDays: z.number().int().min(1).max(3650).default(verificationDefaults.fullDays),
    bytesPerDay: z.number().positive().nullable().default(verificationDefaults.bytesPerDay),
    bytesPerSecond: z.number().positive().nullable().default(verificationDefaults.bytesPerSecond),
  })
  .catch(verificationDefaults)

/** How often everything that is stored is read back; the defaults where nobody said otherwise. */
export async function verificationSettings(db: Kysely<Catalog>): Promise<VerificationSettings> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', 'verification').executeTakeFirst()
  return stored.parse(row?.value ?? {})
}

export async function saveVerificationSettings(db: Kysely<Catalog>, settings: VerificationSettings): Promise<void> {
  const value = JSON.stringify(settings)
  await db
    .insertInto('settings')
    .values({ key: 'verification', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
