import { expect, test } from 'vitest'
import { type CycleCopy, dueForVerification, isOverdue, verificationDefaults, type VerificationSettings } from './verification-cycle.ts'

const dayMs = 86_400_000
const start = new Date('2026-01-01T00:00:00Z')
const at = (days: number) => new Date(start.getTime() + days * dayMs)

const copies = (count: number, of: Partial<CycleCopy> = {}): CycleCopy[] =>
  Array.from({ length: count }, (_, number) => ({
    id: `c${String(number).padStart(5, '0')}`,
    bytes: 1000,
    databaseId: 'shop',
    createdAt: at(-number),
    storedAt: start,
    verifiedAt: start,
    tried: false,
    ...of,
  }))

/** Plays the cycle: what is due at each tick is read at once. Per day, how many were read; and the oldest that any copy ever became. */
function play(all: CycleCopy[], days: number, settings: VerificationSettings = verificationDefaults, ticksPerDay = 4) {
  const perDay: number[] = []
  let oldestDays = 0
  let state = all
  const read: { at: number; bytes: number }[] = []
  for (let day = 0; day < days; day += 1) {
    let count = 0
    for (let tick = 0; tick < ticksPerDay; tick += 1) {
      const now = at(day + tick / ticksPerDay)
      const readBytes = read.filter((one) => one.at > now.getTime() - dayMs).reduce((sum, one) => sum + one.bytes, 0)
      const due = new Set(dueForVerification({ copies: state, now, settings, ticksPerDay, readBytes }))
      count += due.size
      for (const copy of state) if (due.has(copy.id)) read.push({ at: now.getTime(), bytes: copy.bytes })
      state = state.map((copy) => (due.has(copy.id) ? { ...copy, verifiedAt: now } : copy))
      for (const copy of state) oldestDays = Math.max(oldestDays, (now.getTime() - (copy.verifiedAt ?? now).getTime()) / dayMs)
    }
    perDay.push(count)
  }
  return { perDay, oldestDays, state }
}

test('copies that were all stored on one day are read over thirty days, none later, and no day bursts', () => {
  const { perDay, oldestDays } = play(copies(300), 95)
  expect(oldestDays).toBeLessThanOrEqual(30)
  expect(Math.max(...perDay)).toBeLessThanOrEqual(2 * Math.ceil(300 / 29) + 1)
  expect(perDay.slice(0, 30).filter((count) => count > 0).length).toBeGreaterThan(25)
})

test('a single copy is not read every day because it is the only one', () => {
  const { perDay, oldestDays } = play(copies(1), 60, { ...verificationDefaults }, 1)
  expect(oldestDays).toBeLessThanOrEqual(30)
  // it is also the newest of its database: the daily sample reads it, and nothing reads it twice a day
  expect(Math.max(...perDay)).toBe(1)
  const quiet = copies(1, { verifiedAt: at(0.5) })
  expect(dueForVerification({ copies: quiet, now: at(1), settings: verificationDefaults, ticksPerDay: 4, readBytes: 0 })).toEqual([])
})

test('copies that nobody ever read come first, oldest first, and at most twice the even share a day', () => {
  const never = copies(300, { verifiedAt: null, storedAt: at(-400) })
  const { perDay, state } = play(never, 30)
  expect(Math.max(...perDay)).toBeLessThanOrEqual(2 * Math.ceil(300 / 29) + 4 + 1)
  expect(state.every((copy) => copy.verifiedAt !== null)).toBe(true)
  const mixed = [...copies(3), ...copies(1, { id: 'never', verifiedAt: null, storedAt: null, createdAt: at(-99) } as Partial<CycleCopy>)]
  expect(dueForVerification({ copies: mixed, now: at(0.1), settings: verificationDefaults, ticksPerDay: 1, readBytes: 0 })[0]).toBe('never')
})

test('the daily sample is the newest copy of one database, another one each day, unless it was read within the day', () => {
  const two = [
    { ...(copies(1)[0] as CycleCopy), id: 'shop-new', createdAt: at(0), verifiedAt: at(-3) },
    { ...(copies(1)[0] as CycleCopy), id: 'shop-old', createdAt: at(-9), verifiedAt: at(-3) },
    { ...(copies(1)[0] as CycleCopy), id: 'crm-new', databaseId: 'crm', createdAt: at(0), verifiedAt: at(-3) },
  ]
  const on = (day: number, all = two) =>
    dueForVerification({ copies: all, now: at(day), settings: verificationDefaults, ticksPerDay: 4, readBytes: 0 })
  expect([on(0), on(1)].flat().toSorted()).toEqual(['crm-new', 'shop-new'])
  const fresh = two.map((copy) => ({ ...copy, verifiedAt: at(0.2) }))
  expect([...on(0.5, fresh), ...on(1, fresh)]).toEqual([])
})

test('what was tried within the day is left alone', () => {
  const tried = copies(2, { verifiedAt: null, storedAt: at(-90), tried: true })
  expect(dueForVerification({ copies: tried, now: at(0), settings: verificationDefaults, ticksPerDay: 1, readBytes: 0 })).toEqual([])
})

test('the cap on bytes a day holds, and never holds back the only reading of a day', () => {
  const settings = { ...verificationDefaults, bytesPerDay: 2500 }
  const never = copies(300, { verifiedAt: null, storedAt: at(-400) })
  expect(Math.max(...play(never, 10, settings).perDay)).toBeLessThanOrEqual(2)
  const huge = copies(1, { bytes: 1e12, verifiedAt: null, storedAt: at(-400) })
  expect(play(huge, 3, settings).state[0]?.verifiedAt).not.toBe(null)
})

test('overdue is what was not read for longer than the cycle asks for', () => {
  const [copy] = copies(1)
  expect(isOverdue(copy as CycleCopy, at(30), 30)).toBe(false)
  expect(isOverdue(copy as CycleCopy, at(30.1), 30)).toBe(true)
})
