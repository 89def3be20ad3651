import { expect, test } from 'vitest'
import { routingWords, silenceWords } from './channel-words.ts'

const all = {
  severities: ['critical' as const, 'warning' as const],
  topics: ['alert' as const, 'recovered' as const, 'restore' as const],
  databases: [],
  unseenDatabases: 0,
  digest: null,
  pausedAt: null,
}
const billing = { id: '1', name: 'billing', removed: false }

test('what a channel hears of never names alerts that no severity lets through', () => {
  expect(routingWords(all)).toBe('Hears of alerts, recoveries and restores (also clones and imports), of everything.')
  expect(routingWords({ ...all, severities: ['critical'], databases: [billing] })).toBe(
    'Hears of critical alerts, recoveries of critical alerts and restores (also clones and imports), of billing.',
  )
  const gone = { ...all, databases: [{ ...billing, removed: true }] }
  expect(routingWords({ ...gone, topics: ['restore'] })).toBe('Hears of restores (also clones and imports), of billing (taken off the list).')
  expect(routingWords({ ...all, unseenDatabases: 2, topics: ['restore'] })).toBe(
    'Hears of restores (also clones and imports), of 2 databases that you do not see.',
  )
  expect(silenceWords([gone], [{ id: '2', name: 'shop' }])).toBe('No channel hears of critical alerts about shop, storages, workers and keys')
  expect(routingWords({ ...all, severities: [] })).toBe('Hears of restores (also clones and imports), of everything.')
  expect(routingWords({ ...all, severities: [], topics: ['alert'] })).toBe('Hears of nothing by itself; escalations may go by it.')
  expect(routingWords({ ...all, severities: [], topics: [], digest: 'daily' })).toBe('Hears of a daily digest, of everything.')
})

test('channels that leave critical alerts untold say so', () => {
  expect(silenceWords([], [billing])).toBeNull()
  expect(silenceWords([all], [billing])).toBeNull()
  const paused = { ...all, pausedAt: '2026-01-01T00:00:00Z' }
  expect(silenceWords([paused], [])).toBe('Nobody is told: every channel is paused')
  expect(silenceWords([paused, { ...all, severities: ['warning'] }, { ...all, topics: ['restore'] }], [])).toBe(
    'No channel that is not paused hears of critical alerts',
  )
  expect(silenceWords([{ ...all, databases: [billing] }], [billing])).toBe('No channel hears of critical alerts about storages, workers and keys')
  expect(silenceWords([{ ...all, databases: [billing] }], [billing, { id: '2', name: 'shop' }])).toBe(
    'No channel hears of critical alerts about shop, storages, workers and keys',
  )
  expect(silenceWords([{ ...all, databases: [billing] }, all], [billing])).toBeNull()
})
