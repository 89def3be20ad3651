import { expect, test } from 'vitest'
import { type BeatFacts, beatWithheld, isBeatDue } from './beat.ts'
import { heartbeatSettings, heartbeatState } from './heartbeat.ts'

const now = new Date('2026-03-10T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
const settings = heartbeatSettings.parse({ urlSealed: 'sealed', host: 'beat.example.com', everySeconds: 300 })
const healthy: BeatFacts = {
  now,
  lastRoundAt: ago(5),
  watch: { ok: true, words: 'Every check was made in time.' },
  undeliveredSince: null,
  openCritical: 0,
}

test('a healthy cycle beats, also while an alert is open: people hear of that by the channels', () => {
  expect(beatWithheld(settings, healthy)).toBeNull()
  expect(beatWithheld(settings, { ...healthy, openCritical: 3 })).toBeNull()
  expect(beatWithheld({ ...settings, silentWhileCritical: true }, { ...healthy, openCritical: 3 })).toContain('critical alert')
})

test.each<[string, Partial<BeatFacts>]>([
  ['no round was ever made', { lastRoundAt: null }],
  ['the last round is long ago', { lastRoundAt: ago(121) }],
  ['the checks are late', { watch: { ok: false, words: '1 check was not made in time.' } }],
  ['whether the checks are late is not known', { watch: null }],
  ['a critical message reaches nobody', { undeliveredSince: ago(901) }],
])('it is withheld when %s', (_when, facts) => {
  expect(beatWithheld(settings, { ...healthy, ...facts })).toEqual(expect.any(String))
})

test('a message that has waited for a few minutes withholds nothing yet', () => {
  expect(beatWithheld(settings, { ...healthy, undeliveredSince: ago(899) })).toBeNull()
})

test('it is due as often as it was asked for, and a minute after it failed', () => {
  const state = heartbeatState.parse({})
  expect(isBeatDue(settings, state, now)).toBe(true)
  expect(isBeatDue({ ...settings, urlSealed: null }, state, now)).toBe(false)
  const tried = (seconds: number, failing = false) => ({
    ...state,
    lastTriedAt: ago(seconds).toISOString(),
    failingSince: failing ? ago(900).toISOString() : null,
  })
  expect([isBeatDue(settings, tried(299), now), isBeatDue(settings, tried(300), now)]).toEqual([false, true])
  expect([isBeatDue(settings, tried(59, true), now), isBeatDue(settings, tried(60, true), now)]).toEqual([false, true])
})
