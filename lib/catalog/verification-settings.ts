import type { Kysely } from 'kysely'
import { verificationDefaults, type VerificationSettings, verificationSettingsInput } from '#lib/domain/verification-cycle.ts'
import type { Catalog } from './schema.ts'

/** How often everything that is stored is read back; the defaults where nobody said otherwise. */
export async function verificationSettings(db: Kysely<Catalog>): Promise<VerificationSettings> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', 'verification').executeTakeFirst()
  const stored = verificationSettingsInput.partial().safeParse(row?.value ?? {})
  return { ...verificationDefaults, ...(stored.success ? stored.data : {}) }
}

export async function saveVerificationSettings(db: Kysely<Catalog>, settings: VerificationSettings): Promise<void> {
  const value = JSON.stringify(settings)
  await db
    .insertInto('settings')
    .values({ key: 'verification', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
