import { expect, test } from 'vitest'
import type { CheckKind, CheckStatus } from './check-kinds.ts'
import { composeDigest } from './compose-digest.ts'
import type { DigestAlert, DigestCheck, DigestDatabase, DigestFacts } from './digest-facts.ts'
import { digestFrom, dueDigest, toldUntil } from './digest-period.ts'

const at = (iso: string) => new Date(`${iso}Z`)
const since = at('2026-01-01T00:00')

test.each([
  ['daily', '2026-03-10T06:59', 'digest:daily:2026-03-09'],
  ['daily', '2026-03-10T07:00', 'digest:daily:2026-03-10'],
  ['daily', '2026-03-10T23:59', 'digest:daily:2026-03-10'],
  ['daily', '2026-03-01T03:00', 'digest:daily:2026-02-28'],
  // Monday is 9 March
  ['weekly', '2026-03-09T06:59', 'digest:weekly:2026-03-02'],
  ['weekly', '2026-03-09T07:00', 'digest:weekly:2026-03-09'],
  ['weekly', '2026-03-15T23:59', 'digest:weekly:2026-03-09'],
  ['weekly', '2026-03-16T07:00', 'digest:weekly:2026-03-16'],
] as const)('the %s digest owed at %s is %s', (every, now, key) => {
  expect(dueDigest(every, { now: at(now), since })?.key).toBe(key)
})

test('a channel is owed nothing of the time before it', () => {
  expect(dueDigest('daily', { now: at('2026-03-10T12:00'), since: at('2026-03-10T08:00') })).toBeNull()
  expect(dueDigest('daily', { now: at('2026-03-11T07:00'), since: at('2026-03-10T08:00') })?.key).toBe('digest:daily:2026-03-11')
})

test('what an outage left out belongs to the next digest, up to a month of it', () => {
  const to = at('2026-03-10T07:00')
  expect(digestFrom('daily', to, null)).toEqual(at('2026-03-09T07:00'))
  expect(digestFrom('daily', to, at('2026-03-09T07:00'))).toEqual(at('2026-03-09T07:00'))
  expect(digestFrom('daily', to, at('2026-03-06T07:00'))).toEqual(at('2026-03-06T07:00'))
  expect(digestFrom('weekly', to, at('2025-06-02T07:00'))).toEqual(at('2026-02-07T07:00'))
  // it is never empty
  expect(digestFrom('weekly', to, to)).toEqual(at('2026-03-03T07:00'))
})

test('what a digest told that was given up is told anew, once, also when later ones went out', () => {
  const day = (first: number, last: number, lost = false) => ({ from: at(`2026-03-${first}T07:00`), to: at(`2026-03-${last}T07:00`), lost })
  expect(toldUntil([])).toBeNull()
  expect(toldUntil([day(10, 11), day(11, 12)])).toEqual(at('2026-03-12T07:00'))
  expect(toldUntil([day(10, 11), day(11, 12, true), day(12, 13)])).toEqual(at('2026-03-11T07:00'))
  expect(toldUntil([day(10, 11, true), day(11, 12, true)])).toEqual(at('2026-03-10T07:00'))
  expect(toldUntil([day(10, 11), day(11, 12, true), day(12, 13), day(11, 14)])).toEqual(at('2026-03-14T07:00'))
  // further back none goes
  const month = { from: at('2026-02-14T07:00'), to: at('2026-03-17T07:00'), lost: false }
  expect(toldUntil([{ from: at('2026-02-01T07:00'), to: at('2026-03-10T07:00'), lost: true }, month])).toEqual(month.to)
})

const now = at('2026-03-10T07:00')
const well = (kind: CheckKind, subject: string, over: Partial<DigestCheck> = {}): DigestCheck => ({
  kind,
  subject,
  status: 'ok' as CheckStatus,
  words: `${kind} is well.`,
  checkedAt: at('2026-03-10T06:59'),
  ...over,
})
const shop: DigestDatabase = { id: 'd1', name: 'shop', made: 2, failed: 0, cancelled: 0, missed: 0, hasCopies: true }
const ofDatabase = (id: string) => (['restorable_point', 'copies_bad', 'copies_unverified', 'rehearsal'] as const).map((kind) => well(kind, id))
const allWell: DigestFacts = {
  every: 'daily',
  from: at('2026-03-09T07:00'),
  to: now,
  now,
  limited: false,
  databases: [shop],
  storages: [{ id: 's1', name: 'main' }],
  checks: [...ofDatabase('d1'), well('storage_room', 's1'), well('watch', '')],
  alerts: [],
}
const alert: DigestAlert = {
  id: 'a1',
  kind: 'storage_room',
  subjectName: 'main',
  databaseId: null,
  severity: 'critical',
  words: 'It is full.',
  openedAt: at('2026-03-10T01:00'),
  acknowledgedName: 'Ada',
  silencedUntil: at('2026-03-10T09:00'),
}
const part = (facts: DigestFacts, heading: string) => composeDigest(facts).parts.find((one) => one.heading === heading)?.lines

test('all is well only where everything that it speaks of is known to be', () => {
  expect(composeDigest(allWell)).toMatchObject({ title: 'Daily digest: all is well', tone: 'good' })
  expect(part(allWell, 'shop')).toEqual([
    '2 backups made, 0 failed, 0 missed.',
    'restorable_point is well.',
    'copies_bad is well.',
    'copies_unverified is well.',
    'rehearsal is well.',
  ])
  expect(part(allWell, 'Open alerts')).toEqual(['None.'])
  const stale = { ...allWell, checks: allWell.checks.map((one) => ({ ...one, checkedAt: at('2026-03-10T03:00') })) }
  expect(composeDigest(stale)).toMatchObject({ title: 'Daily digest: 6 things unknown', tone: 'info' })
  expect(part(stale, 'shop')?.[1]).toBe('Newest restorable point: unknown since 10 Mar 2026, 03:00 UTC, when it was looked at last.')
  const bare = { ...allWell, databases: [{ ...shop, hasCopies: false }] }
  expect(composeDigest(bare)).toMatchObject({ title: 'Daily digest: 2 things unknown', tone: 'info' })
  expect(part(bare, 'shop')?.slice(2, 4)).toEqual([
    'Damaged copies: unknown. There is no copy yet.',
    'Copies read back: unknown. There is no copy yet.',
  ])
  const none = { ...allWell, checks: [] }
  expect(composeDigest(none)).toMatchObject({ title: 'Daily digest: 6 things unknown', tone: 'info' })
  expect(part(none, 'Storages')).toEqual(['main: Room: unknown, nobody has looked yet.'])
  expect(composeDigest({ ...allWell, databases: [] })).toMatchObject({ title: 'Daily digest: no database is protected', tone: 'info' })
})

test('what is wrong stands in its title, before what is unknown', () => {
  const wrong = {
    ...allWell,
    every: 'weekly' as const,
    databases: [{ ...shop, failed: 1, missed: 2 }],
    alerts: [alert],
    checks: allWell.checks.filter((one) => one.kind !== 'rehearsal'),
  }
  expect(composeDigest(wrong)).toMatchObject({
    title: 'Weekly digest: 1 critical alert open, 1 backup failed, 2 backups missed, 1 thing unknown',
    tone: 'critical',
  })
  expect(part(wrong, 'Open alerts')).toEqual([
    'Critical, since 10 Mar 2026, 01:00 UTC: Room, main. It is full. Ada has taken it on. It is silenced until 10 Mar 2026, 09:00 UTC.',
  ])
  expect(composeDigest({ ...wrong, alerts: [] }).tone).toBe('warning')
})

test('of many databases those that need a look have a part of their own, the others a line', () => {
  const databases = Array.from({ length: 300 }, (_, index) => ({ ...shop, id: `d${index}`, name: `db${index}`, missed: index < 20 ? 1 : 0 }))
  const many = { ...allWell, databases, checks: [...databases.flatMap((one) => ofDatabase(one.id)), well('storage_room', 's1'), well('watch', '')] }
  const { parts } = composeDigest(many)
  expect(parts.length).toBeLessThan(20)
  expect(parts.find((one) => one.heading === '8 more databases to look at')?.lines).toHaveLength(8)
  expect(parts.find((one) => one.heading === '280 databases in order')?.lines).toContain(
    'db299: 2 backups made, 0 failed, 0 missed. restorable_point is well.',
  )
})

test('one that comes late says so, and one of some databases speaks of nothing else', () => {
  expect(composeDigest({ ...allWell, now: at('2026-03-10T09:30') }).lead).toContain('This digest comes 2 h 30 min late.')
  const limited = { ...allWell, limited: true, storages: [] }
  expect(composeDigest(limited).parts.map((one) => one.heading)).toEqual(['Backups', 'Open alerts', 'shop'])
  expect(composeDigest(limited).lead).toContain('It is about 1 database that this channel hears of')
})
