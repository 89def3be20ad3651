import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type DutyRow, endDuty, insertDuty, listDuties } from '#lib/catalog/retention-rules.ts'
import { readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { keepWords } from '#lib/domain/keep.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { actsFrom } from '#lib/domain/retention/change.ts'
import type { DutyInput } from '#lib/domain/retention/inputs.ts'
import { sameKeep } from '#lib/domain/retention/places.ts'

/**
 * A duty holds from now on. One that was taken away and is asked for again stays after all. Throws `forbidden`, `conflict` (there is one of
 * that name for the same tag and tier).
 */
export async function addDuty(db: Kysely<Catalog>, actor: Actor, duty: DutyInput): Promise<DutyRow> {
  assertMayWrite(actor)
  return db.transaction().execute(async (trx) => {
    const same = (await listDuties(trx)).find((one) => one.name === duty.name && one.tag === duty.tag && one.tier === duty.tier)
    if (same !== undefined && (same.removed_at === null || !sameKeep(same.keep, duty.keep))) {
      throw new LifeboatError(
        'conflict',
        `${duty.name} is there already for ${duty.tier} backups of databases tagged ${duty.tag}.`,
        'Nothing was changed.',
      )
    }
    const row = same === undefined ? await insertDuty(trx, duty) : await endDuty(trx, same.id, null)
    if (row === null) throw new LifeboatError('conflict', 'It has ended meanwhile.', 'Nothing was changed. Try again.')
    await audit(trx, actor, 'retention.duty', row, { reference: row.reference })
    return row
  })
}

/** It acts until the delay of a shorter rule has passed, by the catalogue's clock. Throws `forbidden`, `not_found`. */
export async function removeDuty(db: Kysely<Catalog>, actor: Actor, id: string): Promise<DutyRow> {
  assertMayWrite(actor)
  return db.transaction().execute(async (trx) => {
    const known = (await listDuties(trx)).find((one) => one.id === id)
    if (known === undefined) throw new LifeboatError('not_found', 'There is no such duty.')
    if (known.removed_at !== null) return known
    const { shrinkDelayHours } = await readRetentionSettings(trx)
    const row = await endDuty(trx, id, actsFrom({ now: await catalogueNow(trx), delayHours: shrinkDelayHours }))
    if (row === null) throw new LifeboatError('not_found', 'There is no such duty.')
    await audit(trx, actor, 'retention.duty_removed', row, { from: row.removed_at?.toISOString() ?? null })
    return row
  })
}

async function audit(trx: Kysely<Catalog>, actor: Actor, action: string, row: DutyRow, detail: Record<string, unknown>): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: 'retention_duty',
    subjectId: row.id,
    outcome: 'done',
    detail: { name: row.name, tag: row.tag, tier: row.tier, keep: keepWords(row.keep), ...detail },
  })
}

function assertMayWrite(actor: Actor): void {
  if (!allows(actor.role, 'retention.write')) throw new LifeboatError('forbidden', reasonDenied('retention.write'))
  if (actor.databaseIds !== null) throw new LifeboatError('forbidden', 'A duty is set by somebody who sees every database.')
}
