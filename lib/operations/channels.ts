import { randomBytes, randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { type ChannelRow, dropMessages, insertChannel, lockChannel, neverTried, updateChannel, wakeMessages } from '#lib/catalog/channels.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { canonicalJson } from '#lib/domain/canonical-json.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type ChannelChangeInput, channelParts, type NewChannelInput } from '#lib/domain/watch/channel-input.ts'
import { channelConfigs, type ChannelSecret } from '#lib/domain/watch/channels.ts'
import { assertMayWriteWatch } from './watch-settings.ts'

/** Seals the JSON of a channel's secret, bound to its row: to the workers' key, and for the web alone where its secret is known here. */
export type SealChannel = (channelId: string, plain: string) => Promise<{ sealed: string; forWeb: string | null }>

export interface MadeChannel {
  id: string
  /** of a webhook, to be shown this once; null: there is none, or the old one stays */
  signingKey: string | null
}

/** Throws `forbidden`, `usage` (an address that is not allowed), `not_found` (a database), `conflict` (the name), and what sealing throws. */
export async function addChannel(db: Kysely<Catalog>, actor: Actor, input: NewChannelInput, seal: SealChannel): Promise<MadeChannel> {
  const signingKey = newSigningKey()
  assertMayWriteWatch(actor)
  const { config, secret } = channelParts(input, signingKey)
  const id = randomUUID()
  const sealed = await seal(id, JSON.stringify(secret))
  return within(db, actor, async (trx) => {
    await assertDatabases(trx, actor, input.databaseIds)
    const row = await insertChannel(trx, {
      id,
      name: input.name,
      kind: input.kind,
      config: JSON.stringify(config),
      secret_sealed: sealed.sealed,
      secret_for_web: sealed.forWeb,
      severities: input.severities,
      database_ids: input.databaseIds,
      topics: input.topics,
      digest: input.digest,
      private_allowed: input.privateAllowed,
    })
    if (row === null) throw nameTaken(input.name)
    await note(trx, actor, 'channel.add', row)
    return { id, signingKey: input.kind === 'webhook' ? signingKey : null }
  })
}

/**
 * A secret that is not given stays, and cannot be read here: to move a webhook its whole address is typed anew. A database that it is for already
 * may stay when it is on the list no more. Throws as addChannel does.
 */
export async function changeChannel(
  db: Kysely<Catalog>,
  actor: Actor,
  id: string,
  change: ChannelChangeInput,
  seal: SealChannel,
): Promise<MadeChannel> {
  return within(db, actor, async (trx) => {
    const row = await ownChannel(trx, id)
    const { config, secret, signingKey } = partsOf(row, change)
    const sealed = secret === null ? null : await seal(id, JSON.stringify(secret))
    await assertDatabases(
      trx,
      actor,
      (change.databaseIds ?? []).filter((one) => !row.database_ids.includes(one)),
    )
    const now = await catalogueNow(trx)
    const taken = change.name !== undefined && change.name !== row.name && (await nameIsTaken(trx, change.name))
    if (taken) throw nameTaken(change.name ?? '')
    await updateChannel(trx, id, {
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.severities === undefined ? {} : { severities: change.severities }),
      ...(change.databaseIds === undefined ? {} : { database_ids: change.databaseIds }),
      ...(change.topics === undefined ? {} : { topics: change.topics }),
      ...(change.digest === undefined ? {} : { digest: change.digest }),
      ...(change.privateAllowed === undefined ? {} : { private_allowed: change.privateAllowed }),
      config: JSON.stringify(config),
      ...(sealed === null ? {} : { secret_sealed: sealed.sealed, secret_for_web: sealed.forWeb }),
      ...(sealed === null && canonicalJson(config) === canonicalJson(row.config) ? {} : neverTried),
    })
    await wakeMessages(trx, id, now)
    await note(trx, actor, 'channel.change', { ...row, name: change.name ?? row.name }, { changed: Object.keys(change).toSorted() })
    return { id, signingKey }
  })
}

/** Nothing goes out while it is paused; what happens meanwhile is not told afterwards. */
export async function pauseChannel(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await anyChannel(trx, id)
    if (row.paused_at !== null) return
    await dropMessages(trx, id, 'paused')
    await updateChannel(trx, id, { paused_at: await catalogueNow(trx) })
    await note(trx, actor, 'channel.pause', row)
  })
}

export async function resumeChannel(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await anyChannel(trx, id)
    if (row.paused_at === null) return
    await updateChannel(trx, id, { paused_at: null, failing_since: null, problem: null })
    await note(trx, actor, 'channel.resume', row)
  })
}

export async function removeChannel(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await ownChannel(trx, id)
    await dropMessages(trx, id, 'removed')
    await updateChannel(trx, id, { removed_at: await catalogueNow(trx), secret_sealed: null, secret_for_web: null })
    await note(trx, actor, 'channel.remove', row)
  })
}

export function newSigningKey(): string {
  return randomBytes(32).toString('base64url')
}

/** What a change comes to; `secret` null: the sealed one stays. `signingKey`: a new one, to be shown once. */
function partsOf(row: ChannelRow, change: ChannelChangeInput): { config: object; secret: ChannelSecret | null; signingKey: string | null } {
  const privateAllowed = change.privateAllowed ?? row.private_allowed
  if (row.kind === 'email') return mailPartsOf(row, change, privateAllowed)
  const withdrawn = change.privateAllowed === false && row.private_allowed
  if (change.url === undefined && change.newSigningKey !== true && !withdrawn) return { config: row.config, secret: null, signingKey: null }
  if (change.url === undefined) {
    throw new LifeboatError('usage', 'The address has to be typed in again: it cannot be read here.', 'Nothing was changed.')
  }
  const signingKey = newSigningKey()
  const parts = channelParts({ kind: row.kind, url: change.url, privateAllowed }, signingKey)
  return { ...parts, signingKey: row.kind === 'webhook' ? signingKey : null }
}

const mailFields = ['by', 'host', 'port', 'security', 'username', 'from', 'to'] as const

function mailPartsOf(row: ChannelRow, change: ChannelChangeInput, privateAllowed: boolean) {
  const before = channelConfigs.email.parse(row.config)
  const typed = Object.fromEntries(mailFields.flatMap((field) => (change[field] === undefined ? [] : [[field, change[field]]])))
  const after = { ...before, ...typed }
  const elsewhere = (['by', 'host', 'port', 'username', 'security'] as const).some((field) => after[field] !== before[field])
  // a password must not be carried to another server by somebody who does not know it
  if (after.username !== '' && change.password === undefined && elsewhere) {
    throw new LifeboatError('usage', 'The password has to be typed in again where server or user name change.', 'Nothing was changed.')
  }
  const { config, secret } = channelParts({ kind: 'email', ...after, password: change.password ?? '', privateAllowed }, '')
  return { config, secret: change.password === undefined && !elsewhere ? null : secret, signingKey: null }
}

async function anyChannel(trx: Transaction<Catalog>, id: string): Promise<ChannelRow> {
  const row = z.uuid().safeParse(id).success ? await lockChannel(trx, id) : null
  if (row === null) throw new LifeboatError('not_found', 'There is no such channel.')
  return row
}

async function ownChannel(trx: Transaction<Catalog>, id: string): Promise<ChannelRow> {
  const row = await anyChannel(trx, id)
  if (row.origin === 'environment') {
    throw new LifeboatError('refused', `${row.name} is made from the environment.`, 'Change or remove its variable there, and start anew.')
  }
  return row
}

async function nameIsTaken(trx: Transaction<Catalog>, name: string): Promise<boolean> {
  return (await trx.selectFrom('channels').select('id').where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()) !== undefined
}

function nameTaken(name: string): LifeboatError {
  return new LifeboatError('conflict', `There is a channel ${name} already.`, 'Nothing was saved. Choose another name.')
}

async function assertDatabases(trx: Transaction<Catalog>, actor: Actor, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const found = maySee(actor, id)
      ? await trx.selectFrom('databases').select('id').where('id', '=', id).where('removed_at', 'is', null).executeTakeFirst()
      : undefined
    if (found === undefined) throw new LifeboatError('not_found', 'There is no such database.')
  }
}

async function within<T>(db: Kysely<Catalog>, actor: Actor, work: (trx: Transaction<Catalog>) => Promise<T>): Promise<T> {
  assertMayWriteWatch(actor)
  return db.isTransaction ? work(db as Transaction<Catalog>) : db.transaction().execute(work)
}

async function note(
  trx: Transaction<Catalog>,
  actor: Actor,
  action: string,
  row: Pick<ChannelRow, 'id' | 'name' | 'kind'>,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: 'channel',
    subjectId: row.id,
    outcome: 'done',
    detail: { name: row.name, kind: row.kind, ...detail },
  })
}
