import { expect, test } from 'vitest'
import { changeOf, fieldsOf, missingIn, newChannel } from './channel-fields.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'

const mail: ChannelView = {
  id: '1',
  name: 'On-call mail',
  kind: 'email',
  place: 'ops@example.com by mail.example.com:587',
  config: { by: 'smtp', host: 'mail.example.com', from: 'lifeboat@example.com', to: ['ops@example.com'] },
  severities: ['critical', 'warning'],
  databases: [],
  unseenDatabases: 0,
  topics: ['alert'],
  digest: null,
  privateAllowed: false,
  origin: 'person',
  pausedAt: null,
  lastTriedAt: null,
  lastOkAt: null,
  failingSince: null,
  problem: null,
  waiting: 0,
  speaksAlone: true,
  messages: [],
}

test('a change holds only what differs, and a secret only where one was typed', () => {
  const fields = fieldsOf(mail)
  expect(changeOf(fields, mail)).toEqual({})
  expect(changeOf({ ...fields, digest: 'daily', to: 'ops@example.com, night@example.com' }, mail)).toEqual({
    digest: 'daily',
    to: ['ops@example.com', 'night@example.com'],
  })
  expect(changeOf({ ...fields, password: 'p' }, mail)).toEqual({ password: 'p' })
})

test('a channel is not saved that is to hear of alerts of no severity, or that leads nowhere', () => {
  const fields = { ...fieldsOf(null), name: 'Night', url: 'https://hooks.slack.com/services/a' }
  expect(missingIn(fields, true)).toBeNull()
  expect(missingIn({ ...fields, severities: [] }, true)).toBe('Say which alerts: critical, warnings or both.')
  expect(missingIn({ ...fields, severities: [], topics: ['restore'] }, true)).toBeNull()
  expect(missingIn({ ...fields, url: ' ' }, true)).toBe('Give the address of the webhook.')
  expect(missingIn({ ...fieldsOf(mail), to: ' ' }, false)).toBe('Give at least one address that mails go to.')
  expect(newChannel(fields)).toMatchObject({ kind: 'slack', name: 'Night', url: 'https://hooks.slack.com/services/a', privateAllowed: false })
})

test('a database that was taken off the list stays with the channel until other ones are chosen, or everything', () => {
  const gone = { id: '1', name: 'billing', removed: true }
  const channel = { ...mail, databases: [gone] }
  const fields = fieldsOf(channel)
  expect(changeOf(fields, channel)).toEqual({})
  expect(changeOf({ ...fields, databaseIds: ['1', '2'] }, channel)).toEqual({ databaseIds: ['2'] })
  expect(changeOf({ ...fields, databaseIds: [] }, channel)).toEqual({ databaseIds: [] })
  const both = { ...mail, databases: [gone, { id: '2', name: 'shop', removed: false }] }
  expect(changeOf({ ...fieldsOf(both), databaseIds: ['1'] }, both)).toEqual({ databaseIds: ['1'] })
})
