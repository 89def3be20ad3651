import { expect, test } from 'vitest'
import { type BackupFacts, judgeBackup } from './judge-backup.ts'

const now = new Date('2026-03-10T12:00:00Z')
const day = (n: number) => new Date(Date.UTC(2026, 2, n, 3))

type Slot = BackupFacts['slots'][number]
const attempt = (state: string, over: Partial<NonNullable<Slot['attempt']>> = {}): Slot['attempt'] => ({
  id: 'op',
  state,
  attempt: 1,
  finishedAt: state === 'running' || state === 'queued' ? null : new Date('2026-03-10T03:10:00Z'),
  message: state === 'failed' ? 'The disk is full.' : null,
  cancelledBy: state === 'cancelled' ? 'ada' : null,
  ...over,
})
const slot = (n: number, state: string, of: Slot['attempt'] = null): Slot => ({ slot: day(n), state, reason: null, attempt: of })

function judge(slots: Slot[], over: Partial<BackupFacts> = {}) {
  const { status, words } = judgeBackup({ tier: 'daily', pausedAt: null, nextAt: day(11), slots, laterSuccess: null, ...over }, now)
  return `${status}: ${words}`
}

const ok = slot(9, 'filled', attempt('succeeded'))

test('nothing that was owed was decided yet: not known', () => {
  expect(judge([])).toBe('unknown: The first one is owed at 11 Mar 2026, 03:00 UTC.')
  expect(judge([slot(10, 'filled', attempt('running'))])).toBe('unknown: The first backup is being made.')
})

test('the last slot that was decided tells; one that is being served changes nothing', () => {
  expect(judge([ok])).toBe('ok: The backup owed at 9 Mar 2026, 03:00 UTC succeeded.')
  expect(judge([slot(10, 'filled', attempt('running')), ok])).toBe(judge([ok]))
  expect(judge([slot(10, 'late', attempt('succeeded_with_findings')), ok])).toBe('ok: The backup owed at 10 Mar 2026, 03:00 UTC succeeded, late.')
})

test('a failed one is critical at once, also while a second attempt is made, until a later one succeeds', () => {
  const failed = slot(10, 'filled', attempt('failed'))
  expect(judge([failed, ok])).toBe('critical: The backup owed at 10 Mar 2026, 03:00 UTC failed: The disk is full.')
  expect(judge([slot(10, 'filled', attempt('running', { attempt: 2 })), ok])).toMatch(/^critical: .* a second attempt is being made\.$/)
  const before = { operationId: 'x', finishedAt: new Date('2026-03-10T03:00:00Z'), tier: 'manual' }
  expect(judge([failed], { laterSuccess: before })).toMatch(/^critical/)
  expect(judge([failed], { laterSuccess: { ...before, finishedAt: new Date('2026-03-10T09:00:00Z') } })).toMatch(/^ok: .* a manual one succeeded/)
  expect(judge([slot(10, 'filled', attempt('interrupted')), ok])).toMatch(/^critical: .*it was interrupted\.$/)
})

test('one that nobody made is critical when its quarter of an hour is over, whatever its row still says', () => {
  expect(judge([slot(10, 'owed'), ok])).toMatch(/^critical: No backup ran for 10 Mar 2026, 03:00 UTC\./)
  expect(judge([{ ...slot(10, 'owed'), slot: new Date('2026-03-10T11:50:00Z') }, ok])).toBe(judge([ok]))
  expect(judge([{ ...slot(10, 'missed'), reason: 'Nothing could serve it.' }])).toBe(
    'critical: No backup ran for 10 Mar 2026, 03:00 UTC. Nothing could serve it.',
  )
})

test('a backup longer than its interval: one skipped slot alarms nobody, repeated ones do', () => {
  expect(judge([slot(10, 'skipped'), ok])).toMatch(/^unknown: /)
  expect(judge([slot(10, 'skipped'), slot(9, 'skipped'), slot(8, 'filled', attempt('succeeded'))])).toMatch(
    /^warning: 2 backups in a row were skipped/,
  )
})

test('a cancelled one is a warning that names who did it; a pause warns when it lasts', () => {
  expect(judge([slot(10, 'filled', attempt('cancelled'))])).toBe('warning: The backup owed at 10 Mar 2026, 03:00 UTC was cancelled by ada.')
  expect(judge([ok], { pausedAt: new Date('2026-03-10T10:00:00Z') })).toMatch(/^unknown: Paused for 2 h/)
  expect(judge([ok], { pausedAt: new Date('2026-03-08T10:00:00Z') })).toMatch(/^warning: Paused/)
})
