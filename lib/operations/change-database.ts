import type { Kysely, Updateable } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { lockDatabase, updateDatabase } from '#lib/catalog/databases.ts'
import { type EndingTag, listEndingTags, writeEndingTags } from '#lib/catalog/ending-tags.ts'
import { listDuties } from '#lib/catalog/retention-rules.ts'
import { readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { actsFrom } from '#lib/domain/retention/change.ts'

export interface DatabaseChanged {
  /** tags that it lost and that a duty knows it by: the duty goes on until then */
  ending: EndingTag[]
}

/**
 * Changes the row of a database; `fields` names in the audit trail what was given. Tags decide which duties hold: what they were stands in the
 * trail, and a duty goes on for a database that lost its tag until the delay of a shorter rule has passed, by the catalogue's clock. The tag,
 * set again, takes that back. Throws `forbidden`, `not_found`.
 */
export async function changeDatabase(
  db: Kysely<Catalog>,
  actor: Actor,
  id: string,
  { values, fields }: { values: Updateable<Catalog['databases']> & { tags?: string[] }; fields: readonly string[] },
): Promise<DatabaseChanged> {
  if (!allows(actor.role, 'database.write')) throw new LifeboatError('forbidden', reasonDenied('database.write'))
  return db.transaction().execute(async (trx) => {
    const before = await lockDatabase(trx, id)
    if (before === null) throw new LifeboatError('not_found', 'There is no such database.')
    const { tags } = values
    const ending = tags === undefined ? [] : await endTags(trx, id, { before: before.tags, after: tags })
    await updateDatabase(trx, id, values)
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'database.change',
      subjectKind: 'database',
      subjectId: id,
      outcome: 'done',
      detail: { fields, ...(tags === undefined ? {} : { tags: { before: before.tags, after: tags } }) },
    })
    return { ending }
  })
}

async function endTags(
  trx: Kysely<Catalog>,
  id: string,
  { before, after }: { before: readonly string[]; after: readonly string[] },
): Promise<EndingTag[]> {
  const { shrinkDelayHours } = await readRetentionSettings(trx)
  const endsAt = actsFrom({ now: await catalogueNow(trx), delayHours: shrinkDelayHours })
  const known = new Set((await listDuties(trx)).map((duty) => duty.tag))
  const ending = before.filter((tag) => !after.includes(tag) && known.has(tag)).map((tag) => ({ tag, endsAt }))
  const others = ((await listEndingTags(trx)).get(id) ?? []).filter(({ tag }) => !after.includes(tag) && !ending.some((one) => one.tag === tag))
  await writeEndingTags(trx, id, [...others, ...ending])
  return ending
}
