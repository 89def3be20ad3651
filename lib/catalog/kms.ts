import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from './schema.ts'

const settingKey = 'kms'

/** A key of AWS KMS that opens backups beside the master key; its credentials are those of the workers' machines and never stored. */
export const kmsSetting = z.object({
  keyArn: z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[A-Za-z0-9/_-]+$/, 'the ARN of a KMS key'),
  region: z.string().regex(/^[a-z0-9-]+$/),
  endpoint: z
    .url({ protocol: /^https?$/ })
    // backup keys go there in clear
    .refine((url) => url.startsWith('https:') || ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname), 'https, or this machine')
    // it is shown to everybody and stands in the audit trail
    .refine((url) => new URL(url).username === '' && new URL(url).password === '', 'An address without credentials.')
    .nullable()
    .default(null),
})
export type KmsSetting = z.output<typeof kmsSetting>

/** 16 hex digits, as other keys have them. */
export function kmsKeyId(keyArn: string): string {
  return createHash('sha256').update(keyArn).digest('hex').slice(0, 16)
}

/** null: no key of AWS KMS is used. */
export async function kmsSettings(db: Kysely<Catalog>): Promise<(KmsSetting & { keyId: string }) | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', settingKey).executeTakeFirst()
  const parsed = kmsSetting.safeParse(row?.value)
  return parsed.success ? { ...parsed.data, keyId: kmsKeyId(parsed.data.keyArn) } : null
}

export async function setKmsSettings(db: Kysely<Catalog>, setting: KmsSetting | null): Promise<void> {
  if (setting === null) {
    await db.deleteFrom('settings').where('key', '=', settingKey).execute()
    return
  }
  const value = JSON.stringify(setting)
  await db
    .insertInto('settings')
    .values({ key: settingKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}
