import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { copyStates, tiers } from '#lib/domain/states.ts'
import type { BackupView, CopyView, Page } from '#lib/domain/views.ts'
import { copiesOf } from './copies.ts'
import { afterCursor, cursorTime, pageOf } from './cursor.ts'
import { iso, seenBy } from './scope.ts'

export const backupFilters = z.object({
  databaseId: z.uuid().optional(),
  tier: z.enum(tiers).optional(),
  /** of the best copy; without it, attempts that never got a manifest are left out */
  state: z.enum(copyStates).optional(),
  /** backups with a copy there, whatever its state */
  storageId: z.uuid().optional(),
  verified: z.enum(['true', 'false']).optional(),
  proven: z.enum(['true', 'false']).optional(),
  /** days in UTC, both included */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
export type BackupFilters = z.input<typeof backupFilters>

/** Newest first. */
export async function listBackups(catalog: Kysely<Catalog>, actor: Actor, filters: BackupFilters = {}): Promise<Page<BackupView>> {
  const { limit, cursor, ...by } = backupFilters.parse(filters)
  let query = selectBackups(catalog).where(seenBy(actor, 'backups.database_id')).where(afterCursor(cursor, 'backups'))
  if (by.databaseId !== undefined) query = query.where('backups.database_id', '=', by.databaseId)
  if (by.tier !== undefined) query = query.where('backups.tier', '=', by.tier)
  if (by.state !== undefined) query = query.where('backups.state', '=', by.state)
  else query = query.where('backups.finished_at', 'is not', null).where('backups.state', '<>', sql.lit('deleted'))
  if (by.storageId !== undefined) {
    query = query.where(sql<boolean>`exists (select from copies where copies.backup_id = backups.id and copies.storage_id = ${by.storageId}::uuid)`)
  }
  if (by.verified !== undefined) query = query.where('backups.verified_at', by.verified === 'true' ? 'is not' : 'is', null)
  if (by.proven !== undefined) query = query.where('backups.proven_at', by.proven === 'true' ? 'is not' : 'is', null)
  if (by.from !== undefined) query = query.where('backups.created_at', '>=', sql<Date>`${by.from}::date::timestamptz`)
  if (by.to !== undefined) query = query.where('backups.created_at', '<', sql<Date>`(${by.to}::date + 1)::timestamptz`)
  const rows = await query
    .orderBy('backups.created_at', 'desc')
    .orderBy('backups.id', 'desc')
    .limit(limit + 1)
    .execute()
  const copies = await copiesOf(
    catalog,
    rows.map((row) => row.id),
  )
  return pageOf(rows, limit, (row) => backupViewOf(row, copies.get(row.id) ?? []))
}

export function selectBackups(catalog: Kysely<Catalog>) {
  return catalog
    .selectFrom('backups')
    .innerJoin('databases', 'databases.id', 'backups.database_id')
    .select([
      'backups.id',
      'backups.name',
      'backups.database_id',
      'databases.name as database_name',
      'backups.tier',
      'backups.state',
      'backups.created_at',
      'backups.finished_at',
      'backups.tables',
      'backups.rows',
      'backups.raw_bytes',
      'backups.stored_bytes',
      'backups.verified_at',
      'backups.proven_at',
      'backups.suspicious',
      'backups.looked_at',
      'backups.looked_name',
      'backups.looked_verdict',
      'backups.looked_note',
      sql<number>`(select count(*)::int from holds where holds.backup_id = backups.id and holds.released_at is null)`.as('holds'),
      cursorTime('backups.created_at').as('cursor_at'),
    ])
}

export type BackupRow = Awaited<ReturnType<ReturnType<typeof selectBackups>['executeTakeFirstOrThrow']>>

export function backupViewOf(row: BackupRow, copies: CopyView[]): BackupView {
  return {
    id: row.id,
    name: row.name,
    database: { id: row.database_id, name: row.database_name },
    tier: row.tier,
    state: row.state,
    createdAt: iso(row.created_at),
    finishedAt: iso(row.finished_at),
    tables: row.tables,
    rows: row.rows,
    rawBytes: row.raw_bytes,
    storedBytes: row.stored_bytes,
    verifiedAt: iso(row.verified_at),
    provenAt: iso(row.proven_at),
    suspicious: row.suspicious,
    look: lookOf(row),
    holds: row.holds,
    copies,
  }
}

function lookOf(row: BackupRow): BackupView['look'] {
  if (row.looked_at === null || row.looked_verdict === null) return null
  return { verdict: row.looked_verdict, at: iso(row.looked_at), name: row.looked_name ?? '', note: row.looked_note }
}
