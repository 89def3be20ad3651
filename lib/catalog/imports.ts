import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from './schema.ts'

const settingKey = 'imports'
const setting = z.object({ enabled: z.boolean() })

/** May files of the older scripts be imported? Off until an admin turns it on: a foreign dump is a program. */
export async function importsEnabled(db: Kysely<Catalog>): Promise<boolean> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', settingKey).executeTakeFirst()
  const parsed = setting.safeParse(row?.value)
  return parsed.success && parsed.data.enabled
}

export async function setImportsEnabled(db: Kysely<Catalog>, enabled: boolean): Promise<void> {
  const value = JSON.stringify({ enabled })
  await db
    .insertInto('settings')
    .values({ key: settingKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}
