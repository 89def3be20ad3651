import type { Kysely } from 'kysely'
import type { NativeBackups } from '#lib/domain/watch/judge-native-backups.ts'
import type { Catalog } from './schema.ts'

/** Keeps what Supabase says that it has of the one project that is asked about; what it no longer names goes, and what was kept of another. */
export async function keepNativeBackups(db: Kysely<Catalog>, projectRef: string, found: NativeBackups, now: Date): Promise<void> {
  await db.deleteFrom('native_backups').execute()
  if (found.backups.length === 0) return
  const rows = new Map(found.backups.map((one) => [one.id, { project_ref: projectRef, ...one, seen_at: now }]))
  await db
    .insertInto('native_backups')
    .values([...rows.values()])
    .execute()
}

/** Where no check asks any more, what was told goes too. */
export async function forgetNativeBackups(db: Kysely<Catalog>): Promise<void> {
  await db
    .deleteFrom('native_backups')
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('checks').select('subject').where('kind', '=', 'native_backups'))))
    .execute()
}
