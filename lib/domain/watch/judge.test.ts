import { expect, test } from 'vitest'
import { judgeCertificate } from './judge-certificate.ts'
import { type DatabaseLook, judgeDatabase } from './judge-database.ts'
import { judgeStorage, type KnownStorage, type StorageLook } from './judge-storage.ts'

const now = new Date('2026-03-10T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const MiB = 2 ** 20

const look: DatabaseLook = {
  latencyMs: 12,
  version: '15.20',
  databaseBytes: 10 * MiB,
  isTransactionPooler: false,
  connections: { used: 5, limit: 97 },
  replication: { standby: null, followers: [], slots: [] },
  archiving: { mode: 'off', inRecovery: false, lastArchivedAt: null, lastFailedAt: null, failedCount: 0, countedFrom: null },
  certificateEndsAt: null,
}
const judged = (over: Partial<DatabaseLook>) =>
  Object.fromEntries(judgeDatabase({ id: 'd', name: 'shop' }, { look: { ...look, ...over } }, now).map((one) => [one.kind, one]))

test('a database that answers quickly is well, and without TLS nothing is said of a certificate', () => {
  const all = judged({})
  expect(Object.values(all).map((one) => one.status)).toEqual(['ok', 'ok', 'ok', 'ok'])
  expect(all.certificate).toBeUndefined()
})

test.each([
  ['a slow answer', { latencyMs: 5_001 }, 'database_reachable', 'warning'],
  ['a transaction pooler', { isTransactionPooler: true }, 'database_reachable', 'warning'],
  ['four of five connections', { connections: { used: 80, limit: 100 } }, 'database_connections', 'warning'],
  ['nearly every connection', { connections: { used: 95, limit: 100 } }, 'database_connections', 'critical'],
  ['connections that the role may not see', { connections: { hidden: 'The role may not see it.' } }, 'database_connections', 'unknown'],
  [
    'a slot nobody reads, large',
    { replication: { standby: null, followers: [], slots: [{ name: 's', active: false, retainedBytes: 300 * MiB, lost: false }] } },
    'database_replication',
    'warning',
  ],
  [
    'a slot nobody reads, huge',
    { replication: { standby: null, followers: [], slots: [{ name: 's', active: false, retainedBytes: 5000 * MiB, lost: false }] } },
    'database_replication',
    'critical',
  ],
  [
    'a standby that fell behind',
    { replication: { standby: null, followers: [{ name: 'b', behindBytes: 300 * MiB, behindSeconds: 10 }], slots: [] } },
    'database_replication',
    'warning',
  ],
  ['followers that the role may not see', { replication: { standby: null, followers: { unseen: 1 }, slots: [] } }, 'database_replication', 'unknown'],
  [
    'archiving that fails for long',
    { archiving: { ...look.archiving, mode: 'on', lastArchivedAt: ago(7200), lastFailedAt: ago(10), failedCount: 9 } },
    'database_archiving',
    'critical',
  ],
] as const)('%s', (_what, over, kind, status) => {
  expect(judged(over as Partial<DatabaseLook>)[kind]?.status).toBe(status)
})

test('what could not be asked is unknown and not well; a server that refuses is critical, a key that is missing here is not its fault', () => {
  const refused = (code: 'unreachable' | 'key_missing' | 'too_many_connections', certificateEnded = false) =>
    judgeDatabase({ id: 'd', name: 'shop' }, { refusal: { code, message: 'No.', hint: '', certificateEnded } }, now).map((one) => [
      one.kind,
      one.status,
    ])
  expect(refused('unreachable')).toEqual([
    ['database_reachable', 'critical'],
    ['database_connections', 'unknown'],
    ['database_replication', 'unknown'],
    ['database_archiving', 'unknown'],
  ])
  expect(refused('key_missing')[0]).toEqual(['database_reachable', 'unknown'])
  expect(refused('too_many_connections')[1]).toEqual(['database_connections', 'critical'])
  expect(refused('unreachable', true)).toContainEqual(['certificate', 'critical'])
})

test('a certificate is told three weeks before it ends, is critical three days before, and when it has ended', () => {
  const day = 86_400
  const at = (days: number) => judgeCertificate(new Date(now.getTime() + days * day * 1_000), now).status
  expect([at(60), at(21.5), at(20), at(4), at(2), at(-1)]).toEqual(['ok', 'ok', 'warning', 'warning', 'critical', 'critical'])
})

const storage: KnownStorage = {
  id: 's',
  name: 'disk',
  kind: 'local',
  medium: 'online',
  lastSeenAt: ago(300),
  budgetBytes: null,
  usedBytes: 10,
  totalBytes: 100,
  freeBytes: 50,
  usage: [],
}
const place: StorageLook = { problem: null, latencyMs: 3, wrote: true, writtenAt: now, certificateEndsAt: null }
const statuses = (over: Partial<KnownStorage>, seen: Partial<StorageLook> = {}) =>
  judgeStorage({ ...storage, ...over }, { ...place, ...seen }, now).map((one) => one.status)

test('room is told from 80 % on, of the disk or of the budget, whichever is fuller', () => {
  expect(statuses({})).toEqual(['ok', 'ok'])
  expect(statuses({ freeBytes: 20 })).toEqual(['ok', 'warning'])
  expect(statuses({ freeBytes: 5 })).toEqual(['ok', 'critical'])
  expect(statuses({ budgetBytes: 12 })).toEqual(['ok', 'warning'])
})

test('credentials that the store refuses are named as that, a clock that is wrong as the clock, and an offline medium that is away is no fault', () => {
  const problem = (code: 'storage_refused' | 'clock_skew' | 'storage_absent', reply: string | null) => ({
    code,
    message: 'It says no.',
    hint: '',
    reply,
  })
  const [refused] = judgeStorage(storage, { ...place, latencyMs: null, problem: problem('storage_refused', 'InvalidAccessKeyId') }, now)
  expect(refused).toMatchObject({ status: 'critical', words: expect.stringContaining('credentials (InvalidAccessKeyId)') })
  const [skewed] = judgeStorage(storage, { ...place, latencyMs: null, problem: problem('clock_skew', 'RequestTimeTooSkewed') }, now)
  expect(skewed?.words).not.toContain('credentials')
  expect(statuses({}, { latencyMs: null, problem: problem('storage_absent', null) })).toEqual(['critical', 'unknown'])
  expect(statuses({ medium: 'offline' }, { latencyMs: null, problem: problem('storage_absent', null) })).toEqual(['ok', 'ok'])
})
