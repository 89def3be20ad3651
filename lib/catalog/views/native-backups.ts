import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { NativeBackupView } from '#lib/domain/watch-views.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

/**
 * What Supabase itself keeps, newest first. A project belongs to the databases whose host or user names it; `databaseId`: only of that one, and
 * whoever sees some databases only is told of theirs.
 */
export async function listNativeBackups(
  catalog: Kysely<Catalog>,
  actor: Actor,
  { databaseId }: { databaseId?: string | undefined } = {},
): Promise<NativeBackupView[]> {
  const rows = await catalog.selectFrom('native_backups').selectAll().orderBy('at', 'desc').limit(500).execute()
  if (rows.length === 0) return []
  let query = catalog.selectFrom('databases').select(['id', 'host', 'username']).where('removed_at', 'is', null).where(seenBy(actor, 'databases.id'))
  if (databaseId !== undefined) {
    if (!isUuid(databaseId)) throw notFound('database')
    query = query.where('id', '=', databaseId)
  }
  const databases = await query.execute()
  if (databaseId !== undefined && databases.length === 0) throw notFound('database')
  const all = actor.databaseIds === null && databaseId === undefined
  return rows
    .filter((row) => all || databases.some((one) => names(one, row.project_ref)))
    .map((row) => ({
      projectRef: row.project_ref,
      id: row.id,
      at: iso(row.at),
      status: row.status,
      physical: row.physical,
      seenAt: iso(row.seen_at),
    }))
}

/** db.<ref>.supabase.co, or the user postgres.<ref> of the shared pooler. */
function names(database: { host: string; username: string }, projectRef: string): boolean {
  return database.host.split('.').includes(projectRef) || database.username.split('.').includes(projectRef)
}
