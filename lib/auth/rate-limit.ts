import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'

/** Counts one attempt in a fixed window and tells how many there were, this one included. One statement, so parallel attempts all count. */
export async function countAttempt(catalog: Kysely<Catalog>, key: string, windowSeconds: number): Promise<number> {
  const over = sql<boolean>`rate_limits.window_started_at < now() - make_interval(secs => ${windowSeconds})`
  const row = await catalog
    .insertInto('rate_limits')
    .values({ key, count: 1, window_started_at: sql<Date>`now()` })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql<number>`case when ${over} then 1 else rate_limits.count + 1 end`,
        window_started_at: sql<Date>`case when ${over} then now() else rate_limits.window_started_at end`,
      }),
    )
    .returning('count')
    .executeTakeFirstOrThrow()
  return row.count
}

export async function forgetAttempts(catalog: Kysely<Catalog>, key: string): Promise<void> {
  await catalog.deleteFrom('rate_limits').where('key', '=', key).execute()
}
