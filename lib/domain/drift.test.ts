import { expect, test } from 'vitest'
import { aboutDrift, driftActions, kindsOfAction } from './drift.ts'
import { driftKinds } from './states.ts'

const now = new Date('2026-11-23T12:00:00Z')
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
const about = (kind: (typeof driftKinds)[number], detail: Parameters<typeof aboutDrift>[0]['detail'] = {}) =>
  aboutDrift({ kind, path: 'shop-0001/daily/b', objects: 3, bytes: 2_000_000, detail }, now)

test('what may be under way elsewhere offers nothing, and its age is said; what has lain for hours can be taken away', () => {
  for (const kind of ['no_manifest', 'unfinished_upload'] as const) {
    const young = about(kind, { newestAt: hoursAgo(1), oldestAt: hoursAgo(2) })
    expect([young.actions, young.words]).toEqual([[], expect.stringContaining('ago')])
    expect(about(kind, { newestAt: hoursAgo(7), oldestAt: hoursAgo(50) }).actions).toHaveLength(1)
  }
})

test('a copy with holes is repaired only where another copy can be read, and names what is gone', () => {
  expect(about('missing_objects', { entries: ['e000001', 'e000007'], goodCopy: true })).toEqual({
    words: expect.stringContaining('2 entries of it are gone or of another size: e000001, e000007.'),
    actions: ['repair'],
  })
  const lost = about('missing_objects')
  expect([lost.actions, lost.words]).toEqual([[], expect.stringContaining('No other copy can be read. Take a new backup')])
})

test('what is not ours offers nothing, whatever else is known of it', () => {
  expect(about('foreign', { newestAt: hoursAgo(9999), goodCopy: true }).actions).toEqual([])
})

test('an unknown backup can be adopted, and says why it was refused the last time', () => {
  expect(about('unknown_backup', { refused: 'It is sealed with another key.' })).toEqual({
    words: expect.stringContaining('could not be adopted: It is sealed with another key.'),
    actions: ['adopt'],
  })
})

test('every act that is offered is one that its kind takes', () => {
  for (const kind of driftKinds)
    for (const action of about(kind, { newestAt: hoursAgo(99), goodCopy: true }).actions) expect(kindsOfAction[action]).toBe(kind)
  expect(Object.keys(kindsOfAction)).toEqual([...driftActions])
})
