import { expect, test } from 'vitest'
import type { StorageView } from '#lib/domain/views.ts'
import type { StorageForecast } from '#lib/domain/keeping-views.ts'
import { capacityOf, fillWords } from './capacity.ts'

const storage: StorageView = {
  id: 's',
  name: 'local',
  kind: 'local',
  place: '/backups',
  budgetBytes: null,
  totalBytes: 100e9,
  freeBytes: 10e9,
  usedBytes: 5e9,
  reachable: true,
  checkedAt: null,
  problem: null,
  copies: 3,
  region: null,
  agreement: null,
  medium: 'online',
  lockMode: null,
  lockDays: null,
  forecast: null,
}

test('a disk that others fill too is nearly full although our backups are small', () => {
  expect(capacityOf(storage)).toMatchObject({ share: 0.9, tone: 'warn', words: expect.stringContaining('10 GB free') })
})

test('a bucket is measured against its budget, and without one no share is invented', () => {
  const bucket: StorageView = { ...storage, kind: 's3', totalBytes: null, freeBytes: null }
  expect(capacityOf({ ...bucket, budgetBytes: 5e9 })).toMatchObject({ share: 1, tone: 'bad' })
  expect(capacityOf(bucket)).toMatchObject({ share: null, words: expect.stringContaining('no budget') })
})

test('what was never measured is unknown, not empty', () => {
  expect(capacityOf({ ...storage, totalBytes: null, freeBytes: null, usedBytes: null }).words).toContain('unknown')
})

test('of a storage that does not answer only what it said last is told, without a bar', () => {
  expect(capacityOf({ ...storage, reachable: false })).toMatchObject({
    share: null,
    tone: 'idle',
    words: expect.stringMatching(/^When it last answered: 10 GB free/),
  })
})

test('the warning begins at 80 %', () => {
  expect(capacityOf({ ...storage, freeBytes: 20e9 }).tone).toBe('warn')
  expect(capacityOf({ ...storage, freeBytes: 21e9 }).tone).toBe('idle')
})

const forecast: StorageForecast = {
  growthBytesPerDay: 2.1e9,
  days: 30,
  limitBytes: 100e9,
  usedShare: 0.5,
  warns: false,
  fillsAt: '2027-03-14T10:00:00.000Z',
  words: '',
}

test('the day it fills is told with its pace, and where it is not known that is said instead of a date', () => {
  expect(fillWords(forecast)).toBe('Fills about 14 March 2027 at 2.1 GB a day.')
  expect(fillWords({ ...forecast, growthBytesPerDay: null, fillsAt: null })).toContain('not known')
  expect(fillWords({ ...forecast, growthBytesPerDay: 0, fillsAt: null })).toBe('It does not grow.')
  expect(fillWords({ ...forecast, fillsAt: null })).toContain('ten years')
  expect(fillWords({ ...forecast, usedShare: 1 })).toBe('It is full.')
  expect(fillWords({ ...forecast, limitBytes: null })).toBeNull()
  expect(fillWords(null)).toBeNull()
})
