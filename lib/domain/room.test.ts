import { expect, test } from 'vitest'
import { estimateBackup, roomProblem } from './room.ts'

const mb = 1_000_000

test('a backup is expected to be as large as the one before it, else a quarter of the database', () => {
  expect(estimateBackup({ previousStoredBytes: 7 * mb, databaseBytes: 400 * mb })?.bytes).toBe(7 * mb)
  expect(estimateBackup({ previousStoredBytes: null, databaseBytes: 400 * mb })?.bytes).toBe(100 * mb)
  expect(estimateBackup({ previousStoredBytes: null, databaseBytes: null })).toBe(null)
})

test('a disk without the room is refused before a byte is written, one with it is not', () => {
  const room = { name: 'disk', usedBytes: 0, budgetBytes: null }
  const estimate = { bytes: 10 * mb, from: 'a guess' }
  expect(roomProblem({ ...room, freeBytes: 9 * mb }, estimate)?.code).toBe('disk_full')
  expect(roomProblem({ ...room, freeBytes: 10 * mb }, estimate)).toBe(null)
})

test('a budget counts what is there already, and what is unknown refuses nothing', () => {
  const bucket = { name: 'bucket', freeBytes: null, budgetBytes: 100 * mb }
  const estimate = { bytes: 10 * mb, from: 'a guess' }
  expect(roomProblem({ ...bucket, usedBytes: 91 * mb }, estimate)).toMatchObject({ code: 'refused', message: expect.stringContaining('budget') })
  expect(roomProblem({ ...bucket, usedBytes: 90 * mb }, estimate)).toBe(null)
  expect(roomProblem({ ...bucket, usedBytes: null }, estimate)).toBe(null)
  expect(roomProblem({ ...bucket, usedBytes: 99 * mb }, null)).toBe(null)
})
