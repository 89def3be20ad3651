import type { Kysely, Transaction } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { closeHold, type CopyToHold, getHold, type HoldRow, insertHold, lockCopiesToHold } from '#lib/catalog/holds.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { viewOfHold } from '#lib/catalog/views/holds.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { HoldView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { holdDefinition } from './definition.ts'

type Via = OperationRow['requested_via']

/**
 * From here on no copy of the backup is deleted by rule or by hand; one operation for each copy writes it beside that too.
 * Throws `forbidden`, `not_found` (also for what the actor may not see), `refused` (nothing of the backup is left).
 */
export async function placeHold(
  db: Kysely<Catalog>,
  actor: Actor,
  asked: { backupId: string; kind: 'legal' | 'manual'; reason: string; via: Via },
): Promise<HoldView> {
  if (!allows(actor.role, 'hold.place')) throw new LifeboatError('forbidden', reasonDenied('hold.place'))
  return db.transaction().execute(async (trx) => {
    const backup = await visible(trx, actor, asked.backupId)
    const copies = await lockCopiesToHold(trx, backup.id)
    if (copies.length === 0) throw new LifeboatError('refused', `Nothing of ${backup.name} is left to hold: every copy is deleted, or being so.`)
    const { kind, reason } = asked
    const row = await insertHold(trx, { backup_id: backup.id, kind, reason, placed_by: actor.id, placed_name: actor.name })
    if (row === null) throw new Error('a new hold has no row')
    await writeBeside(trx, actor, { backup, copies, via: asked.via })
    await audit(trx, actor, { action: 'hold.place', row, backup, detail: { reason } })
    return viewOfHold(row, await about(trx, backup))
  })
}

/** Throws `forbidden`, `not_found`, `refused` (it was released before). What else holds the backup goes on. */
export async function releaseHold(db: Kysely<Catalog>, actor: Actor, asked: { holdId: string; reason: string; via: Via }): Promise<HoldView> {
  if (!allows(actor.role, 'hold.release')) throw new LifeboatError('forbidden', reasonDenied('hold.release'))
  return db.transaction().execute(async (trx) => {
    const known = await getHold(trx, asked.holdId)
    if (known === null) throw new LifeboatError('not_found', 'There is no such hold.')
    const backup = await visible(trx, actor, known.backup_id)
    const copies = await lockCopiesToHold(trx, backup.id)
    const row = await closeHold(trx, known.id, { by: actor.id, name: actor.name, reason: asked.reason })
    if (row === null) throw new LifeboatError('refused', 'This hold was released before.', 'Nothing was changed.')
    await writeBeside(trx, actor, { backup, copies, via: asked.via })
    await audit(trx, actor, { action: 'hold.release', row, backup, detail: { reason: row.reason, releaseReason: asked.reason } })
    return viewOfHold(row, await about(trx, backup))
  })
}

/** A copy that cannot be read now has nothing to write beside; the reconcile does it when it is back. */
async function writeBeside(
  trx: Transaction<Catalog>,
  actor: Actor,
  { backup, copies, via }: { backup: BackupRow; copies: readonly CopyToHold[]; via: Via },
): Promise<void> {
  for (const copy of copies) {
    if (!(readableCopyStates as readonly string[]).includes(copy.state)) continue
    await enqueueOperation(trx, {
      definition: holdDefinition,
      input: { backupId: backup.id, backupName: backup.name, copyId: copy.id, storageId: copy.storage_id, storageName: copy.storage },
      requester: actor,
      via,
      databaseId: backup.database_id,
      storageId: copy.storage_id,
      backupId: backup.id,
      needs: copy.kind === 'local' ? { storageIds: [copy.storage_id] } : {},
    })
  }
}

async function visible(trx: Transaction<Catalog>, actor: Actor, backupId: string): Promise<BackupRow> {
  const backup = await getBackup(trx, backupId)
  if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
  return backup
}

async function about(trx: Transaction<Catalog>, backup: BackupRow): Promise<HoldView['backup']> {
  const database = await getDatabase(trx, backup.database_id)
  return { id: backup.id, name: backup.name, database: { id: backup.database_id, name: database?.name ?? '' } }
}

async function audit(
  trx: Transaction<Catalog>,
  actor: Actor,
  entry: { action: 'hold.place' | 'hold.release'; row: HoldRow; backup: BackupRow; detail: Record<string, unknown> },
): Promise<void> {
  const { action, row, backup, detail } = entry
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: 'backup',
    subjectId: backup.id,
    outcome: 'done',
    detail: { holdId: row.id, kind: row.kind, name: backup.name, ...detail },
  })
}
