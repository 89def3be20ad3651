import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from './schema.ts'

/** A tag that a database has lost, and that duties of retention go on knowing it by until then. */
export interface EndingTag {
  tag: string
  endsAt: Date
}

const prefix = 'ending_tags/'
const shape = z.array(z.object({ tag: z.string(), endsAt: z.coerce.date() }))

/** Those that act now, by database. */
export async function listEndingTags(db: Kysely<Catalog>): Promise<Map<string, EndingTag[]>> {
  const rows = await db
    .selectFrom('settings')
    .select(['key', 'value', sql<Date>`now()`.as('now')])
    .where(sql<boolean>`starts_with(key, ${prefix})`)
    .execute()
  return new Map(rows.map(({ key, value, now }) => [key.slice(prefix.length), shape.parse(value).filter((one) => one.endsAt > now)]))
}

/** All of one database's; whoever changes them holds its row. */
export async function writeEndingTags(trx: Kysely<Catalog>, databaseId: string, tags: readonly EndingTag[]): Promise<void> {
  const key = `${prefix}${databaseId}`
  if (tags.length === 0) {
    await trx.deleteFrom('settings').where('key', '=', key).execute()
    return
  }
  const value = JSON.stringify(tags)
  await trx
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}
