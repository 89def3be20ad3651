import { type Kysely, type Selectable, sql } from 'kysely'
import type { Catalog } from './schema.ts'

export type HoldRow = Selectable<Catalog['holds']>

/** Whether anything but a released row holds a backup, whatever kind it says. */
export const isHeld = sql<boolean>`exists (select from holds where holds.backup_id = backups.id and holds.released_at is null)`

/** Of one backup, the newest first, released ones too. */
export async function listHolds(db: Kysely<Catalog>, backupId: string): Promise<HoldRow[]> {
  return db.selectFrom('holds').selectAll().where('backup_id', '=', backupId).orderBy('placed_at', 'desc').execute()
}
