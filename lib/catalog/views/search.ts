import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { SearchHit } from '#lib/domain/views.ts'
import { placeOf } from './storages.ts'
import { operationSeenBy, seenBy } from './scope.ts'

const most = 6

/** Databases, storages, backups and operations whose name holds the text or whose id begins with it; at most six of each. */
export async function search(catalog: Kysely<Catalog>, actor: Actor, q: string): Promise<SearchHit[]> {
  const text = q.trim().toLowerCase()
  if (text === '') return []
  const holds = (column: string) => sql<boolean>`strpos(lower(${sql.ref(column)}), ${text}) > 0`
  const named = (table: string, column: string) => sql<boolean>`(${holds(column)} or starts_with(${sql.ref(`${table}.id`)}::text, ${text}))`
  const [databases, storages, backups, operations] = await Promise.all([
    catalog
      .selectFrom('databases')
      .select(['id', 'name', 'host', 'dbname'])
      .where('removed_at', 'is', null)
      .where(seenBy(actor, 'databases.id'))
      .where(named('databases', 'name'))
      .orderBy('name')
      .limit(most)
      .execute(),
    catalog
      .selectFrom('storages')
      .select(['id', 'name', 'config'])
      .where('removed_at', 'is', null)
      .where(named('storages', 'name'))
      .orderBy('name')
      .limit(most)
      .execute(),
    catalog
      .selectFrom('backups')
      .innerJoin('databases', 'databases.id', 'backups.database_id')
      .select(['backups.id', 'backups.name', 'backups.created_at', 'databases.name as database'])
      .where(seenBy(actor, 'backups.database_id'))
      .where('finished_at', 'is not', null)
      .where(sql<boolean>`(${named('backups', 'backups.name')} or ${holds('databases.name')})`)
      .orderBy('backups.created_at', 'desc')
      .limit(most)
      .execute(),
    catalog
      .selectFrom('operations')
      .select(['id', 'title', 'state', 'created_at'])
      .where(operationSeenBy(actor))
      .where(named('operations', 'title'))
      .orderBy('created_at', 'desc')
      .limit(most)
      .execute(),
  ])
  return [
    ...databases.map((row) => ({
      kind: 'database' as const,
      id: row.id,
      title: row.name,
      detail: `${row.dbname} on ${row.host}`,
      href: `/databases/${row.id}`,
    })),
    ...backups.map((row) => ({
      kind: 'backup' as const,
      id: row.id,
      title: row.name,
      detail: `${row.database}, ${formatUtc(row.created_at)}`,
      href: `/backups/${row.id}`,
    })),
    ...operations.map((row) => ({
      kind: 'operation' as const,
      id: row.id,
      title: row.title,
      detail: `${row.state.replaceAll('_', ' ')}, ${formatUtc(row.created_at)}`,
      href: `/operations/${row.id}`,
    })),
    ...storages.map((row) => ({ kind: 'storage' as const, id: row.id, title: row.name, detail: placeOf(row.config), href: `/storages/${row.id}` })),
  ]
}
