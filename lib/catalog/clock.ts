import { type Kysely, sql } from 'kysely'
import type { Catalog } from './schema.ts'

/** What time it is for everything that is decided: the catalogue's clock, because the machines' may differ. */
export async function catalogueNow(db: Kysely<Catalog>): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT now() AS now`.execute(db)
  const now = rows[0]?.now
  if (now === undefined) throw new Error('the catalogue told no time')
  return now
}
