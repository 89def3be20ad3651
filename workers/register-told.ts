import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Kysely, sql, type Transaction } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { type ChannelRow, dropMessages, insertChannel, neverTried, updateChannel, wakeMessages } from '#lib/catalog/channels.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { insertContact, updateContact } from '#lib/catalog/contacts.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { sealingRecipient } from '#lib/catalog/sealing-recipient.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { canonicalJson } from '#lib/domain/canonical-json.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { ContactInput } from '#lib/domain/watch/escalation.ts'
import { type NamedChannel, namedByEnvironment, type TellingEnvironment } from '#lib/domain/watch/from-environment.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { log } from '#lib/log.ts'
import { openSealed } from '#lib/operations/run/open-sealed.ts'
import { openForWeb, sealForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace, channelSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'

const lockId = 7_301_005n

interface Secrets {
  ring: KeyRing
  /** null: the web's own secret is not known on this machine */
  webSecret: string | null
}

/**
 * Channels and contacts of the environment, kept as it names them. What it does not name any more goes, unless another worker lives: that one's
 * environment may still name it.
 */
export async function registerTold(catalog: Kysely<Catalog>, environment: TellingEnvironment, secrets: Secrets): Promise<void> {
  const named = namedByEnvironment(environment, hostname())
  for (const problem of named.problems) log.warn(problem)
  await catalog.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(${lockId.toString()}::bigint)`.execute(trx)
    const channels = await trx.selectFrom('channels').selectAll().where('origin', '=', 'environment').where('removed_at', 'is', null).execute()
    const contacts = await trx.selectFrom('contacts').selectAll().where('origin', '=', 'environment').where('removed_at', 'is', null).execute()
    for (const channel of named.channels) await keepChannel(trx, channel, channels.find((one) => one.kind === channel.kind) ?? null, secrets)
    for (const contact of named.contacts) await keepContact(trx, contact, contacts.find((one) => one.level === contact.level) ?? null)
    if (await anotherLives(trx)) return
    const now = await catalogueNow(trx)
    for (const { id, name } of channels.filter((one) => !named.kinds.some((kind) => kind === one.kind))) {
      await dropMessages(trx, id, 'unnamed')
      await updateChannel(trx, id, { removed_at: now, secret_sealed: null, secret_for_web: null })
      await note(trx, 'channel.remove', id, { name })
    }
    for (const { id, name, level } of contacts.filter((one) => !named.levels.includes(one.level))) {
      await updateContact(trx, id, { removed_at: now })
      await note(trx, 'contact.remove', id, { name, level })
    }
  })
}

async function keepChannel(trx: Transaction<Catalog>, channel: NamedChannel, row: ChannelRow | null, secrets: Secrets): Promise<void> {
  const { kind, name, privateAllowed: private_allowed } = channel
  const id = row?.id ?? randomUUID()
  const plain = canonicalJson(channel.secret)
  const config = JSON.stringify(channel.config)
  const there = row !== null && canonicalJson(row.config) === canonicalJson(channel.config) && isSealed(row, plain, secrets.ring)
  if (there && row.private_allowed === private_allowed && isSealedForWeb(row, plain, secrets.webSecret)) return
  const pem = (await sealingRecipient(trx)) ?? secrets.ring.sealing.publicKeyPem
  const values = {
    config,
    private_allowed,
    secret_sealed: sealSecret(plain, pem, channelSecretPlace(id)),
    secret_for_web: secrets.webSecret === null ? null : sealForWeb(plain, secrets.webSecret, channelSecretForWebPlace(id)),
  }
  if (row !== null) {
    // sealed for the web as well, it leads where it led
    await updateChannel(trx, id, { ...values, ...(there ? {} : neverTried) })
    await wakeMessages(trx, id, await catalogueNow(trx))
    await note(trx, 'channel.change', id, { name: row.name, kind })
  } else if ((await insertChannel(trx, { id, name, kind, origin: 'environment', ...values })) === null) {
    log.warn('a channel of the environment is not made: somebody gave its name to another one', { name })
  } else await note(trx, 'channel.add', id, { name, kind })
}

/** Is this what is sealed there already? */
function isSealed(row: ChannelRow, plain: string, ring: KeyRing): boolean {
  const { id, secret_sealed: sealed } = row
  return sealed !== null && opens(() => openSealed(sealed, ring, channelSecretPlace(id)), plain)
}

/** Also for the web, where that can be looked at? */
function isSealedForWeb({ id, secret_for_web: sealed }: ChannelRow, plain: string, webSecret: string | null): boolean {
  return webSecret === null || (sealed !== null && opens(() => openForWeb(sealed, webSecret, channelSecretForWebPlace(id)), plain))
}

function opens(open: () => string, plain: string): boolean {
  try {
    return open() === plain
  } catch (error) {
    if (error instanceof LifeboatError && (error.code === 'wrong_key' || error.code === 'corrupt')) return false
    throw error
  }
}

async function keepContact(
  trx: Transaction<Catalog>,
  contact: ContactInput,
  row: { id: string; name: string; email: string | null; phone: string | null } | null,
): Promise<void> {
  const { name, level, email, phone } = contact
  if (row === null) {
    const { id } = await insertContact(trx, { ...contact, origin: 'environment' })
    await note(trx, 'contact.add', id, { name, level })
  } else if (row.name !== name || row.email !== email || row.phone !== phone) {
    await updateContact(trx, row.id, { name, email, phone })
    await note(trx, 'contact.change', row.id, { name, level, before: row.name })
  }
}

async function anotherLives(trx: Transaction<Catalog>): Promise<boolean> {
  return (await listLiveWorkers(trx)).some((worker) => worker.host !== hostname() || worker.pid !== process.pid)
}

async function note(trx: Transaction<Catalog>, action: string, subjectId: string, detail: Record<string, unknown>): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(systemActor),
    action,
    subjectKind: action.slice(0, action.indexOf('.')),
    subjectId,
    outcome: 'done',
    detail: { ...detail, origin: 'environment' },
  })
}
