import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { getBackup } from '#lib/catalog/backups.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { writeLook } from '#lib/catalog/suspicion.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { LookVerdict } from '#lib/domain/states.ts'

export interface Look {
  backupId: string
  verdict: LookVerdict
  note: string | null
}

/**
 * A person looked at a suspicious backup: found fine, it counts for retention and is what the next one is measured against; found bad, it
 * stays out of both. Throws `forbidden`, `not_found` (also for what the actor may not see), `refused` (it is not suspicious).
 */
export async function lookAtBackup(
  db: Kysely<Catalog>,
  actor: Actor,
  { backupId, verdict, note }: Look,
): Promise<{ id: string; verdict: LookVerdict }> {
  if (!allows(actor.role, 'backup.look')) throw new LifeboatError('forbidden', reasonDenied('backup.look'))
  return db.transaction().execute(async (trx) => {
    const backup = await getBackup(trx, backupId)
    if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
    const row = await writeLook(trx, backupId, { verdict, by: actor.id, name: actor.name, note })
    if (row === null) throw new LifeboatError('refused', `${backup.name} is not suspicious.`, 'There is nothing to decide.')
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'backup.look',
      subjectKind: 'backup',
      subjectId: backupId,
      outcome: 'done',
      detail: { name: row.name, suspicious: row.suspicious, verdict, note },
    })
    return { id: backupId, verdict }
  })
}
