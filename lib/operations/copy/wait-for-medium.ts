import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { type CopyRow, insertCopy, updateCopy } from '#lib/catalog/copies.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { StorageRow } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

/**
 * A medium that may be absent, and that no living worker sees: the copy is written down as waiting, and made when it is back. false: it is
 * there, or nobody lives who could say. Throws `refused` for a move: nothing is deleted for the sake of a copy that nobody can read.
 */
export async function waitForMedium(
  catalog: Kysely<Catalog>,
  actor: Actor,
  wanted: { backup: BackupRow; storage: StorageRow; there: CopyRow | null; move: boolean },
): Promise<boolean> {
  const { backup, storage, there, move } = wanted
  if (storage.medium === 'online') return false
  const workers = await listLiveWorkers(catalog)
  if (workers.length === 0 || workers.some((worker) => worker.storage_ids.includes(storage.id))) return false
  if (move || there?.state === 'corrupt' || there?.state === 'missing')
    throw new LifeboatError('refused', `${storage.name} is offline.`, 'Nothing was changed. Bring the medium back, then ask again.')
  const waiting = { state: 'waiting' as const, problem: `${storage.name} is offline. The copy is made when it is back.`, tries: 0, next_try_at: null }
  await catalog.transaction().execute(async (trx) => {
    if (there === null) await insertCopy(trx, { backup_id: backup.id, storage_id: storage.id, ...waiting })
    else await updateCopy(trx, there.id, { ...waiting, tombstoned_at: null, tombstone: null, retained_until: null, lock_mode: null })
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'copy.wait',
      subjectKind: 'backup',
      subjectId: backup.id,
      outcome: 'done',
      detail: { backup: backup.name, storage: storage.name },
    })
  })
  return true
}
