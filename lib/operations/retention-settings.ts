import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { endPruningPause, readPruningPause, readRetentionSettings, writeRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import type { RetentionSettings } from '#lib/domain/retention/types.ts'

/** What bounds deleting by rule; what is undefined stays. Throws `forbidden`. */
export async function changeRetentionSettings(
  db: Kysely<Catalog>,
  actor: Actor,
  change: { [Key in keyof RetentionSettings]?: RetentionSettings[Key] | undefined },
): Promise<RetentionSettings> {
  assertMayWrite(actor)
  return db.transaction().execute(async (trx) => {
    const before = await readRetentionSettings(trx)
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
    const after: RetentionSettings = { ...before, ...given }
    await writeRetentionSettings(trx, after)
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'retention.settings',
      subjectKind: 'settings',
      subjectId: 'retention',
      outcome: 'done',
      detail: { before, after },
    })
    return after
  })
}

/** Ends the pause that a rebuild of the catalogue began. The trail says what would have gone at that moment. Throws `forbidden`, `refused` (it is on). */
export async function resumePruning(db: Kysely<Catalog>, actor: Actor): Promise<void> {
  assertMayWrite(actor)
  const plan = planRetention(await readRetentionInput(db))
  await db.transaction().execute(async (trx) => {
    const pause = await readPruningPause(trx)
    if (pause === null || !(await endPruningPause(trx))) {
      throw new LifeboatError('refused', 'Deleting by rule is not paused.', 'There is nothing to resume.')
    }
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'retention.resume',
      subjectKind: 'settings',
      subjectId: 'pruning_paused',
      outcome: 'done',
      detail: { ...pause, wouldDelete: plan.deletions.length, bytes: plan.deletions.reduce((sum, fate) => sum + fate.storedBytes, 0) },
    })
  })
}

function assertMayWrite(actor: Actor): void {
  if (!allows(actor.role, 'retention.write')) throw new LifeboatError('forbidden', reasonDenied('retention.write'))
  if (actor.databaseIds !== null) throw new LifeboatError('forbidden', 'This is set by somebody who sees every database.')
}
