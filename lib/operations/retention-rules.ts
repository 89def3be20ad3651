import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import { deleteRule, listRules, readPlaces, type RuleRow, ruleOf, rulesInForce, writeRule } from '#lib/catalog/retention-rules.ts'
import { readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { keepWords } from '#lib/domain/keep.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { changeRule, dropRule, type Surroundings } from '#lib/domain/retention/change.ts'
import type { RuleInput } from '#lib/domain/retention/inputs.ts'
import { samePlace } from '#lib/domain/retention/places.ts'

/**
 * Sets the rule of one place. What keeps less than before waits for the catalogue's clock to pass the delay; what is in force, set again, takes
 * a waiting change back. Throws `forbidden`, `not_found` (a database or storage that is not there, or not the actor's).
 */
export async function setRule(db: Kysely<Catalog>, actor: Actor, { keep, ...place }: RuleInput): Promise<RuleRow> {
  assertMayWrite(actor, place.databaseId)
  return db.transaction().execute(async (trx) => {
    const around = await surroundings(trx)
    const before = around.rules.find((rule) => samePlace(rule, place)) ?? null
    // a rule of what was taken off the list is changed, and its going taken back, for as long as it is there
    if (before === null) await assertPlace(trx, place)
    const change = changeRule(place, keep, around)
    const row = await writeRule(trx, place, change, actor.name)
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'retention.rule',
      subjectKind: 'retention_rule',
      subjectId: row.id,
      outcome: 'done',
      detail: {
        ...place,
        before: before && keepWords(before.keep),
        keep: keepWords(change.keep),
        ...(change.pending === null ? {} : { later: change.pending.keep && keepWords(change.pending.keep), from: change.pending.from.toISOString() }),
      },
    })
    return row
  })
}

/**
 * Takes a rule away, so that the next less precise one decides; where that keeps less, it waits. The rules for every database on every storage
 * are changed and never taken away. Throws `forbidden`, `not_found`, `refused`.
 */
export async function removeRule(db: Kysely<Catalog>, actor: Actor, id: string): Promise<{ id: string; removed: boolean; from: string | null }> {
  return db.transaction().execute(async (trx) => {
    const rows = await listRules(trx, { lock: true })
    const row = rulesInForce(rows, await catalogueNow(trx)).find((one) => one.id === id)
    if (row === undefined) throw new LifeboatError('not_found', 'There is no such rule.')
    assertMayWrite(actor, row.database_id)
    const rule = ruleOf(row)
    if (rule.databaseId === null && rule.storageId === null) {
      throw new LifeboatError(
        'refused',
        `The rule for every database and every storage is not taken away: without it nothing says how long ${rule.tier} backups stay.`,
        'Nothing was changed. Change it instead.',
      )
    }
    const change = dropRule(rule, await surroundings(trx))
    if (change === null) await deleteRule(trx, id)
    else await writeRule(trx, rule, change, actor.name)
    const from = change?.pending?.from.toISOString() ?? null
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'retention.rule_removed',
      subjectKind: 'retention_rule',
      subjectId: id,
      outcome: 'done',
      detail: { databaseId: rule.databaseId, storageId: rule.storageId, tier: rule.tier, keep: keepWords(rule.keep), from },
    })
    return { id, removed: change === null, from }
  })
}

async function surroundings(trx: Kysely<Catalog>): Promise<Surroundings> {
  const rules = (await listRules(trx, { lock: true })).map(ruleOf)
  const { shrinkDelayHours } = await readRetentionSettings(trx)
  return { rules, places: await readPlaces(trx), now: await catalogueNow(trx), delayHours: shrinkDelayHours }
}

async function assertPlace(trx: Kysely<Catalog>, { databaseId, storageId }: Pick<RuleInput, 'databaseId' | 'storageId'>): Promise<void> {
  const database = databaseId === null ? null : await getDatabase(trx, databaseId)
  if (databaseId !== null && (database === null || database.removed_at !== null)) throw new LifeboatError('not_found', 'There is no such database.')
  const storage = storageId === null ? null : await getStorage(trx, storageId)
  if (storageId !== null && (storage === null || storage.removed_at !== null)) throw new LifeboatError('not_found', 'There is no such storage.')
}

/** What holds for every database is set by those who see every one. */
function assertMayWrite(actor: Actor, databaseId: string | null): void {
  if (!allows(actor.role, 'retention.write')) throw new LifeboatError('forbidden', reasonDenied('retention.write'))
  if (databaseId === null ? actor.databaseIds !== null : !maySee(actor, databaseId))
    throw new LifeboatError('not_found', 'There is no such place for a rule.')
}
