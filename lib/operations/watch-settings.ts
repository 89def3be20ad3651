import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type ContactRow, insertContact, lockContact, updateContact } from '#lib/catalog/contacts.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readHeartbeatSettings, writeEscalation, writeHeartbeatSettings, writeHeartbeatState } from '#lib/catalog/watch-settings.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { assertUrl } from '#lib/domain/watch/channel-input.ts'
import type { ContactInput, EscalationPolicy } from '#lib/domain/watch/escalation.ts'
import { type HeartbeatInput, type HeartbeatSettings, heartbeatState } from '#lib/domain/watch/heartbeat.ts'

/** Throws `forbidden`: also for an admin who sees some databases only, because it holds for all of them. */
export function assertMayWriteWatch(actor: Actor): void {
  if (!allows(actor.role, 'watch.write')) throw new LifeboatError('forbidden', reasonDenied('watch.write'))
  if (actor.databaseIds !== null) throw new LifeboatError('forbidden', 'This is set by somebody who sees every database.')
}

/** Throws `forbidden`. Returns its id. */
export async function addContact(db: Kysely<Catalog>, actor: Actor, input: ContactInput): Promise<string> {
  return within(db, actor, async (trx) => {
    const row = await insertContact(trx, input)
    await note(trx, actor, 'contact.add', { kind: 'contact', id: row.id }, { level: row.level, name: row.name })
    return row.id
  })
}

/** Throws `forbidden`, `not_found`, `refused` (it is made from the environment). */
export async function changeContact(db: Kysely<Catalog>, actor: Actor, id: string, input: ContactInput): Promise<void> {
  await within(db, actor, async (trx) => {
    const before = await ownContact(trx, id)
    await updateContact(trx, id, input)
    await note(trx, actor, 'contact.change', { kind: 'contact', id }, { level: input.level, name: input.name, before: before.name })
  })
}

export async function removeContact(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await ownContact(trx, id)
    await updateContact(trx, id, { removed_at: await catalogueNow(trx) })
    await note(trx, actor, 'contact.remove', { kind: 'contact', id }, { level: row.level, name: row.name })
  })
}

export async function setEscalation(db: Kysely<Catalog>, actor: Actor, policy: EscalationPolicy): Promise<void> {
  await within(db, actor, async (trx) => {
    await writeEscalation(trx, policy)
    await note(trx, actor, 'escalation.change', { kind: 'setting', id: 'escalation' }, { ...policy })
  })
}

/**
 * `url` left out: it stays, and only what is beside it changes. `seal` binds it to its place. Throws `forbidden`, `usage` (an address that is not
 * allowed, or none where there was none), and what sealing throws.
 */
export async function setHeartbeat(
  db: Kysely<Catalog>,
  actor: Actor,
  input: HeartbeatInput,
  seal: (plain: string) => Promise<string>,
): Promise<void> {
  await within(db, actor, async (trx) => {
    const before = await readHeartbeatSettings(trx)
    const { url, ...beside } = input
    if (url === undefined && (before.urlSealed === null || (before.privateAllowed && !input.privateAllowed))) {
      throw new LifeboatError('usage', 'The address has to be typed in: it cannot be read here.', 'Nothing was changed.')
    }
    const after: HeartbeatSettings = { ...before, ...beside }
    if (url !== undefined) {
      const parsed = URL.canParse(url) ? new URL(url) : null
      if (parsed === null) throw new LifeboatError('usage', 'This is no address.', 'It begins with https:// and names a host.')
      assertUrl(parsed, input.privateAllowed)
      after.urlSealed = await seal(url)
      after.host = parsed.host
      await writeHeartbeatState(trx, heartbeatState.parse({}))
    }
    await writeHeartbeatSettings(trx, after)
    await note(
      trx,
      actor,
      'heartbeat.change',
      { kind: 'setting', id: 'heartbeat' },
      { host: after.host, ...beside, addressChanged: url !== undefined },
    )
  })
}

export async function removeHeartbeat(db: Kysely<Catalog>, actor: Actor): Promise<void> {
  await within(db, actor, async (trx) => {
    const before = await readHeartbeatSettings(trx)
    await trx.deleteFrom('settings').where('key', 'in', ['heartbeat', 'heartbeat_state']).execute()
    await note(trx, actor, 'heartbeat.remove', { kind: 'setting', id: 'heartbeat' }, { host: before.host })
  })
}

async function ownContact(trx: Transaction<Catalog>, id: string): Promise<ContactRow> {
  const row = z.uuid().safeParse(id).success ? await lockContact(trx, id) : null
  if (row === null) throw new LifeboatError('not_found', 'There is no such contact.')
  if (row.origin === 'environment') {
    throw new LifeboatError('refused', `${row.name} is made from the environment.`, 'Change or remove the variable there, and start anew.')
  }
  return row
}

async function within<T>(db: Kysely<Catalog>, actor: Actor, work: (trx: Transaction<Catalog>) => Promise<T>): Promise<T> {
  assertMayWriteWatch(actor)
  return db.isTransaction ? work(db as Transaction<Catalog>) : db.transaction().execute(work)
}

async function note(
  trx: Transaction<Catalog>,
  actor: Actor,
  action: string,
  subject: { kind: string; id: string },
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAudit(trx, auditKey(), { ...auditActor(actor), action, subjectKind: subject.kind, subjectId: subject.id, outcome: 'done', detail })
}
