import { expect, test } from 'vitest'
import type { CopyState } from './states.ts'
import { trustIn } from './trust.ts'
import type { BackupView } from './views.ts'

function backup(states: CopyState[], provenAt: string | null = null): BackupView {
  return {
    id: 'b',
    name: 'backup',
    database: { id: 'd', name: 'cap_table' },
    tier: 'manual',
    state: states[0] ?? 'failed',
    createdAt: '2026-11-22T03:00:00Z',
    finishedAt: '2026-11-22T03:01:00Z',
    tables: 1,
    rows: 1,
    rawBytes: 1,
    storedBytes: 1,
    verifiedAt: null,
    provenAt,
    suspicious: null,
    look: null,
    holds: 0,
    copies: states.map((state, index) => ({
      id: String(index),
      storage: { id: String(index), name: `storage ${index}`, kind: 'local' as const },
      state,
      storedBytes: 1,
      storedAt: null,
      verifiedAt: state === 'verified' ? '2026-11-22T04:00:00Z' : null,
      problem: null,
      retainedUntil: null,
      nextTryAt: null,
    })),
  }
}

test('a stored backup that was never read back is not called trustworthy', () => {
  expect(trustIn(backup(['stored'])).level).toBe('stored')
  expect(trustIn(backup(['stored'])).verdict).toContain('never read back')
})

test('one corrupt copy is named even where another one is whole', () => {
  expect(trustIn(backup(['verified', 'corrupt']))).toMatchObject({
    level: 'verified',
    verdict: expect.stringContaining('Yes, from storage 0'),
    because: expect.stringContaining('storage 1 is corrupt'),
  })
})

test('a backup that was proven and has lost every copy since cannot be trusted', () => {
  expect(trustIn(backup(['corrupt', 'missing'], '2026-11-22T05:00:00Z')).level).toBe('lost')
})

test('a backup that is being stored is not lost', () => {
  expect(trustIn(backup(['storing', 'waiting'])).level).toBe('pending')
})
