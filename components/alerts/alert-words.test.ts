import { expect, test } from 'vitest'
import type { AlertView, WatchState } from '#lib/domain/watch-views.ts'
import { alertsHref, alertsTitle, emptyWords, worstFirst } from './alert-words.ts'

const watch: WatchState = {
  lastRoundAt: '2026-11-23T08:00:00.000Z',
  stale: false,
  openCritical: 0,
  openWarning: 0,
  acknowledged: 0,
  unknown: 0,
  channels: 1,
  deadChannels: [],
  heartbeat: null,
}

test('an empty list of a watch that does not look says unknown, whatever it last saw', () => {
  expect(emptyWords('open', watch, true)).toMatchObject({ title: 'Unknown', unknown: true })
  expect(emptyWords('open', { ...watch, lastRoundAt: null }, true).words).toContain('nothing was looked at yet')
  expect(alertsTitle({ ...watch, openCritical: 2 }, true)).toBe('Unknown, 2 open · Alerts')
})

test('an empty list says that nothing was found only where every check was judged', () => {
  expect(emptyWords('open', { ...watch, unknown: 1 }, false)).toMatchObject({ unknown: true, words: expect.stringContaining('may be wrong') })
  expect(emptyWords('open', { ...watch, acknowledged: 2 }, false).words).toContain('2 alerts that somebody acknowledged are not over')
  expect(emptyWords('open', watch, false)).toMatchObject({ title: 'No alert is open', unknown: false })
})

test('critical alerts come before warnings, and what has stood longest before what is new', () => {
  const alert = (id: string, severity: 'critical' | 'warning', openedAt: string) => ({ id, severity, openedAt }) as AlertView
  const all = [alert('new warning', 'warning', '3'), alert('old warning', 'warning', '1'), alert('critical', 'critical', '2')]
  expect(worstFirst(all).map((one) => one.id)).toEqual(['critical', 'old warning', 'new warning'])
})

test('each tab and page has its own address', () => {
  expect(alertsHref('open')).toBe('/alerts')
  expect(alertsHref('resolved', 'next', 'd1')).toBe('/alerts?state=resolved&databaseId=d1&cursor=next')
})
