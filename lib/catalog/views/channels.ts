import { type Kysely, type Selectable, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { type ChannelKind, channelConfigs } from '#lib/domain/watch/channels.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { isUuid, iso, notFound } from './scope.ts'

const messagesShown = 10

/** Every channel. What it was told is shown only to those who see every database: its titles name them. */
export async function listChannels(catalog: Kysely<Catalog>, actor: Actor, { id }: { id?: string } = {}): Promise<ChannelView[]> {
  let query = catalog.selectFrom('channels').selectAll().where('removed_at', 'is', null)
  if (id !== undefined) query = query.where('id', '=', id)
  const [rows, databases] = await Promise.all([
    query.orderBy('name').execute(),
    catalog.selectFrom('databases').select(['id', 'name', 'removed_at']).execute(),
  ])
  const ids = rows.map((row) => row.id)
  const [messages, waiting] = ids.length === 0 ? [[], []] : await Promise.all([lastMessages(catalog, ids), countWaiting(catalog, ids)])
  const named = new Map(databases.map((one) => [one.id, { id: one.id, name: one.name, removed: one.removed_at !== null }]))
  const isSeen = (databaseId: string) => actor.databaseIds === null || actor.databaseIds.includes(databaseId)
  const counts = new Map(waiting.map((one) => [one.channelId, one.count]))
  const all = actor.databaseIds === null
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    place: placeOf(row.kind, row.config),
    config: { ...row.config },
    severities: row.severities,
    databases: row.database_ids.filter(isSeen).flatMap((one) => named.get(one) ?? []),
    unseenDatabases: row.database_ids.filter((one) => !isSeen(one)).length,
    topics: row.topics,
    digest: row.digest,
    privateAllowed: row.private_allowed,
    origin: row.origin,
    pausedAt: iso(row.paused_at),
    lastTriedAt: iso(row.last_tried_at),
    lastOkAt: iso(row.last_ok_at),
    failingSince: iso(row.failing_since),
    problem: row.problem,
    waiting: counts.get(row.id) ?? 0,
    speaksAlone: row.secret_for_web !== null,
    messages: all ? messages.filter((one) => one.channel_id === row.id).map(messageOf) : [],
  }))
}

export async function readChannel(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<ChannelView> {
  const [found] = isUuid(id) ? await listChannels(catalog, actor, { id }) : []
  if (found === undefined) throw notFound('channel')
  return found
}

/** Where it leads, in words; never a secret. */
export function placeOf(kind: ChannelKind, config: unknown): string {
  if (kind !== 'email') return channelConfigs[kind].parse(config).host
  const mail = channelConfigs.email.parse(config)
  return `${mail.to.join(', ')} by ${mail.by === 'sendmail' ? 'sendmail' : `${mail.host}:${mail.port}`}`
}

function lastMessages(catalog: Kysely<Catalog>, ids: readonly string[]): Promise<MessageRow[]> {
  return sql<MessageRow>`
    SELECT m.* FROM unnest(${ids}::uuid[]) AS c(id)
    CROSS JOIN LATERAL (SELECT * FROM messages WHERE channel_id = c.id ORDER BY id DESC LIMIT ${messagesShown}) m`
    .execute(catalog)
    .then(({ rows }) => rows)
}

async function countWaiting(catalog: Kysely<Catalog>, ids: readonly string[]): Promise<{ channelId: string; count: number }[]> {
  const { rows } = await sql<{ channelId: string; count: number }>`
    SELECT channel_id AS "channelId", count(*)::int AS count FROM messages WHERE state = 'waiting' AND channel_id = ANY (${ids}::uuid[]) GROUP BY 1`.execute(
    catalog,
  )
  return rows
}

type MessageRow = Selectable<Catalog['messages']>

function messageOf(row: MessageRow): ChannelView['messages'][number] {
  return {
    id: Number(row.id),
    topic: row.topic,
    title: row.content.title,
    createdAt: iso(row.created_at),
    state: row.state,
    tries: row.tries,
    sentAt: iso(row.sent_at),
    answer: row.answer,
  }
}
