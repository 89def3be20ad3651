import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase, removeDatabase } from '#lib/catalog/databases.ts'
import { insertMessage } from '#lib/catalog/messages.ts'
import { listChannels } from '#lib/catalog/views/channels.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { channelChangeInput, newChannelInput } from '#lib/domain/watch/channel-input.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { openForWeb, sealForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace, channelSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { addChannel, changeChannel, pauseChannel, removeChannel, type SealChannel } from './channels.ts'
import { openChannel } from './run/open-channel.ts'

let it: TestCatalog
beforeAll(async () => {
  it = await createTestCatalog()
})
afterAll(() => it.close())

const keys = deriveKeys(Buffer.alloc(32, 7))
const ring = { ...keys, older: [] }
const webSecret = 'a secret of the web'
const admin: Actor = { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null }
const seal: SealChannel = async (id, plain) => ({
  sealed: sealSecret(plain, keys.sealing.publicKeyPem, channelSecretPlace(id)),
  forWeb: sealForWeb(plain, webSecret, channelSecretForWebPlace(id)),
})
const add = (typed: unknown) => addChannel(it.catalog, admin, newChannelInput.parse(typed), seal)
const change = (id: string, typed: unknown) => changeChannel(it.catalog, admin, id, channelChangeInput.parse(typed), seal)
const rowOf = (id: string) => it.catalog.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

test('the address of a channel is sealed for the workers and for the web; nothing that is shown or noted holds it', async () => {
  const { id, signingKey } = await add({ kind: 'webhook', name: 'hook', url: 'https://hook.example.com/secret-token' })
  const row = await rowOf(id)
  expect(openChannel(row, ring)).toMatchObject({ kind: 'webhook', secret: { url: 'https://hook.example.com/secret-token', signingKey } })
  expect(JSON.parse(openForWeb(row.secret_for_web ?? '', webSecret, channelSecretForWebPlace(id)))).toMatchObject({ signingKey })
  expect(() => openForWeb(row.secret_for_web ?? '', 'another', channelSecretForWebPlace(id))).toThrow(expect.objectContaining({ code: 'corrupt' }))
  expect(() => openForWeb(row.secret_for_web ?? '', webSecret, channelSecretForWebPlace('another'))).toThrow(
    expect.objectContaining({ code: 'corrupt' }),
  )
  const shown = JSON.stringify(await listChannels(it.catalog, admin))
  const trail = JSON.stringify(await it.catalog.selectFrom('audit').selectAll().execute())
  for (const text of [shown, trail, JSON.stringify({ ...row, secret_sealed: '', secret_for_web: '' })]) {
    expect(text).not.toContain('secret-token')
    expect(text).not.toContain(signingKey)
  }
  expect(trail).toContain('channel.add')
})

test.each([
  ['plain http', { kind: 'webhook', url: 'http://hook.example.com/' }],
  ['this machine', { kind: 'webhook', url: 'https://127.0.0.1/' }],
  ['a private network', { kind: 'webhook', url: 'https://10.0.0.8/' }],
  ['metadata of a cloud, with consent', { kind: 'webhook', url: 'http://169.254.169.254/', privateAllowed: true }],
  ['another host as Slack', { kind: 'slack', url: 'https://hooks.slack.com.evil.example/services/x' }],
  ['a user name in the address', { kind: 'webhook', url: 'https://me:secret@hook.example.com/' }],
  [
    'mail without encryption',
    { kind: 'email', by: 'smtp', host: 'mail.example.com', security: 'none', from: 'a@example.com', to: ['b@example.com'] },
  ],
  ['no mail server', { kind: 'email', by: 'smtp', from: 'a@example.com', to: ['b@example.com'] }],
])('refused in words: %s', async (name, typed) => {
  await expect(add({ name, ...typed })).rejects.toMatchObject({ code: 'usage' })
  expect(await it.catalog.selectFrom('channels').select('id').where('name', '=', name).execute()).toEqual([])
})

test('a password is not carried to another server, and an address that cannot be read is typed in again', async () => {
  const mail = {
    kind: 'email',
    name: 'mail',
    by: 'smtp',
    host: 'mail.example.com',
    username: 'me',
    password: 'secret',
    from: 'a@example.com',
    to: ['b@example.com'],
  }
  const { id } = await add(mail)
  await expect(change(id, { host: 'evil.example.com' })).rejects.toMatchObject({ code: 'usage' })
  await change(id, { to: ['c@example.com'] })
  expect(openChannel(await rowOf(id), ring)).toMatchObject({
    config: { host: 'mail.example.com', to: ['c@example.com'] },
    secret: { password: 'secret' },
  })
  // what the place so far did says nothing of another one
  const worked = { last_ok_at: new Date(), last_tried_at: new Date(), failing_since: new Date(), problem: 'It did not answer.' }
  await it.catalog.updateTable('channels').set(worked).where('id', '=', id).execute()
  await change(id, { digest: 'daily' })
  expect(await rowOf(id)).toMatchObject(worked)
  await change(id, { host: 'new.example.com', password: 'other' })
  expect(await rowOf(id)).toMatchObject({ last_ok_at: null, last_tried_at: null, failing_since: null, problem: null })
  expect(openChannel(await rowOf(id), ring)).toMatchObject({ config: { host: 'new.example.com' }, secret: { password: 'other' } })
  const hook = await add({ kind: 'webhook', name: 'own network', url: 'http://127.0.0.1:9/', privateAllowed: true })
  await expect(change(hook.id, { privateAllowed: false })).rejects.toMatchObject({ code: 'usage' })
  await expect(change(hook.id, { name: 'mail' })).rejects.toMatchObject({ code: 'conflict' })
})

test('a channel for a database that was taken off the list hears of nothing else, and says for what it was', async () => {
  const row = await insertDatabase(it.catalog, { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'u' })
  const shop = { id: row?.id ?? '', name: 'shop' }
  const { id } = await add({ kind: 'slack', name: 'of shop', url: 'https://hooks.slack.com/services/x', databaseIds: [shop.id] })
  await removeDatabase(it.catalog, shop.id)
  expect(await listChannels(it.catalog, admin, { id })).toMatchObject([{ databases: [{ ...shop, removed: true }], unseenDatabases: 0 }])
  expect(await listChannels(it.catalog, { ...admin, databaseIds: [] }, { id })).toMatchObject([{ databases: [], unseenDatabases: 1 }])
  // it may stay for that one alone; another channel is not given it
  await change(id, { databaseIds: [shop.id] })
  expect((await rowOf(id)).database_ids).toEqual([shop.id])
  const other = await add({ kind: 'slack', name: 'of all', url: 'https://hooks.slack.com/services/y' })
  await expect(change(other.id, { databaseIds: [shop.id] })).rejects.toMatchObject({ code: 'not_found' })
  await change(id, { databaseIds: [] })
  expect((await rowOf(id)).database_ids).toEqual([])
})

test('what waits is dropped with a pause, and a channel of the environment is changed there', async () => {
  const { id } = await add({ kind: 'slack', name: 'slack', url: 'https://hooks.slack.com/services/x' })
  const content = { title: 'x', tone: 'info' as const, lead: '', parts: [], href: null, at: '2026-01-01T00:00:00Z', data: {} }
  await insertMessage(it.catalog, { channelId: id, dedupeKey: 'x', topic: 'alert', severity: null, content, at: new Date() })
  await pauseChannel(it.catalog, admin, id)
  expect(await it.catalog.selectFrom('messages').select(['state', 'answer']).where('channel_id', '=', id).execute()).toEqual([
    { state: 'given_up', answer: 'The channel was paused.' },
  ])
  await it.catalog.updateTable('channels').set({ origin: 'environment' }).where('id', '=', id).execute()
  await expect(removeChannel(it.catalog, admin, id)).rejects.toMatchObject({ code: 'refused' })
  await expect(
    addChannel(
      it.catalog,
      { ...admin, role: 'operator' },
      newChannelInput.parse({ kind: 'slack', name: 'y', url: 'https://hooks.slack.com/y' }),
      seal,
    ),
  ).rejects.toMatchObject({ code: 'forbidden' })
})
