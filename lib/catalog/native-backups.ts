import type { Kysely } from 'kysely'
import type { NativeBackups } from '#lib/domain/watch/judge-native-backups.ts'
import type { Catalog } from './schema.ts'

/** Keeps what Supabase says that it has of a project; what it no longer names goes. */
export async function keepNativeBackups(db: Kysely<Catalog>, projectRef: string, found: NativeBackups, now: Date): Promise<void> {
  await db.deleteFrom('native_backups').where('project_ref', '=', projectRef).execute()
  if (found.backups.length === 0) return
  const rows = new Map(found.backups.map((one) => [one.id, { project_ref: projectRef, ...one, seen_at: now }]))
  await db
    .insertInto('native_backups')
    .values([...rows.values()])
    .execute()
}
