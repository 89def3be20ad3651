import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { OperationRow } from './operations.ts'
import type { Catalog } from './schema.ts'

const settingKey = 'approvals'
const setting = z.object({ required: z.boolean() })

/** Must a second person agree before a restore that overwrites begins? Off until an admin turns it on. */
export async function needsApproval(db: Kysely<Catalog>): Promise<boolean> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', settingKey).executeTakeFirst()
  const parsed = setting.safeParse(row?.value)
  return parsed.success && parsed.data.required
}

export async function setNeedsApproval(db: Kysely<Catalog>, required: boolean): Promise<void> {
  const value = JSON.stringify({ required })
  await db
    .insertInto('settings')
    .values({ key: settingKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}

/** Writes a second person's word; null where none is waited for any more. */
export async function writeApproval(
  db: Kysely<Catalog>,
  id: string,
  word: { approval: 'given' | 'refused'; by: string | null; name: string },
): Promise<OperationRow | null> {
  const row = await db
    .updateTable('operations')
    .set({ approval: word.approval, approved_by: word.by, approved_name: word.name, approved_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('approval', '=', 'needed')
    .where('state', '=', 'queued')
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}
