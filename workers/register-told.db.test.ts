import { afterAll, beforeAll, expect, test } from 'vitest'
import { listContacts } from '#lib/catalog/contacts.ts'
import { listChannels } from '#lib/catalog/views/channels.ts'
import { systemActor } from '#lib/domain/actor.ts'
import type { TellingEnvironment } from '#lib/domain/watch/from-environment.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { openChannel } from '#lib/operations/run/open-channel.ts'
import { openForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace } from '#lib/secrets/places.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { registerTold } from './register-told.ts'

let it: TestCatalog
beforeAll(async () => {
  it = await createTestCatalog()
})
afterAll(() => it.close())

const ring = { ...deriveKeys(Buffer.alloc(32, 7)), older: [] }
const start = (environment: TellingEnvironment, webSecret: string | null = 'of the web') => registerTold(it.catalog, environment, { ring, webSecret })
const rows = () => it.catalog.selectFrom('channels').selectAll().where('removed_at', 'is', null).orderBy('name').execute()
const trail = async () => (await it.catalog.selectFrom('audit').select('action').orderBy('seq').execute()).map((row) => row.action)
const before: TellingEnvironment = {
  SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/hidden-token',
  BACKUP_EMAIL_RECIPIENTS: 'ops@example.com',
  SMTP_HOST: 'mail.example.com',
  SMTP_PASSWORD: 'hidden-password',
  EMERGENCY_CONTACT_PRIMARY: 'Ada +49 30 123456',
}

test('the environment makes channels and contacts once, follows its changes, and what it names no more goes', async () => {
  await start(before, null)
  await Promise.all([start(before), start(before)])
  const [mail, slack] = await rows()
  expect(openChannel(mail!, ring)).toMatchObject({ config: { host: 'mail.example.com' }, secret: { password: 'hidden-password' } })
  expect(openForWeb(slack!.secret_for_web ?? '', 'of the web', channelSecretForWebPlace(slack!.id))).toContain('hidden-token')
  expect(await listChannels(it.catalog, systemActor)).toMatchObject([{ origin: 'environment' }, { origin: 'environment', speaksAlone: true }])
  expect(await listContacts(it.catalog)).toMatchObject([{ name: 'Ada', phone: '+49 30 123456', origin: 'environment' }])
  // made by the first start; the second knew the web's secret, the third found nothing to do
  expect(await trail()).toEqual(['channel.add', 'channel.add', 'contact.add', 'channel.change', 'channel.change'])
  expect(JSON.stringify(await it.catalog.selectFrom('audit').selectAll().execute())).not.toContain('hidden')

  await start({ ...before, SMTP_PASSWORD: 'another', SLACK_WEBHOOK_URL: 'misspelled', EMERGENCY_CONTACT_PRIMARY: 'Ada +49 30 7' })
  const [changed, kept] = await rows()
  expect([changed?.id, openChannel(changed!, ring).secret]).toEqual([mail?.id, { password: 'another' }])
  expect(kept, 'a variable that is of no use takes nothing away').toEqual(slack)
  expect((await listContacts(it.catalog)).map((one) => one.phone)).toEqual(['+49 30 7'])

  const other = { host: 'elsewhere', pid: 1, version: '1', schema_version: '0008', tool_majors: [15], tools: '[]', key_ids: [], storage_ids: [] }
  const { id } = await it.catalog
    .insertInto('workers')
    .values({ id: crypto.randomUUID(), ...other })
    .returning('id')
    .executeTakeFirstOrThrow()
  await start({})
  expect(await rows(), 'the environment of another worker may still name them').toHaveLength(2)
  await it.catalog.deleteFrom('workers').where('id', '=', id).execute()
  await start({})
  expect([await rows(), await listContacts(it.catalog)]).toEqual([[], []])
  expect(await it.catalog.selectFrom('channels').select(['secret_sealed', 'secret_for_web']).execute()).toEqual(
    Array(2).fill({ secret_sealed: null, secret_for_web: null }),
  )
})

test('a channel of the environment that leads elsewhere was never tried; sealed for the web as well, it leads where it led', async () => {
  await start(before, null)
  const worked = { last_ok_at: new Date(), last_tried_at: new Date(), failing_since: null, problem: null }
  await it.catalog.updateTable('channels').set(worked).execute()
  await start(before)
  expect(await rows()).toMatchObject([worked, worked])
  await start({ ...before, SMTP_HOST: 'other.example.com' })
  expect(await rows()).toMatchObject([{ kind: 'email', last_ok_at: null, last_tried_at: null }, worked])
})
