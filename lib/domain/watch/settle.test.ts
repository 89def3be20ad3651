import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CheckKind, checkKindNames, checkKinds, type CheckStatus } from './check-kinds.ts'
import { nextStep, type OpenAlert, type Step, steadySecondsOf } from './settle.ts'

const start = Date.UTC(2026, 0, 1)
const minute = (n: number) => new Date(start + n * 60_000)

/** What settling does with an alert over a series of looks, one a minute: every step that is not `nothing` or `stay`, with its minute. */
function play(kind: CheckKind, looks: readonly (CheckStatus | null)[]) {
  let alert: OpenAlert | null = null
  const steps: { at: number; step: Step }[] = []
  let statusSince = minute(0)
  looks.forEach((status, at) => {
    if (status !== looks[at - 1]) statusSince = minute(at)
    const step = nextStep(kind, status, alert, { now: minute(at), statusSince })
    alert = after(alert, step, { status, statusSince })
    if (step.do !== 'nothing' && step.do !== 'stay') steps.push({ at, step })
  })
  return { alert: alert as OpenAlert | null, steps, words: steps.map(({ at, step }) => `${at} ${step.do}`) }
}

function after(alert: OpenAlert | null, step: Step, { status, statusSince }: { status: CheckStatus | null; statusSince: Date }): OpenAlert | null {
  if (alert !== null && step.do === 'ease' && status === 'ok') return { ...alert, severity: 'warning', calmerSince: statusSince }
  if (step.do === 'open') return { severity: step.severity, calmerSince: null, flaps: 0 }
  if (alert === null || step.do === 'resolve') return null
  if (step.do === 'calm') return { ...alert, calmerSince: step.since }
  if (step.do === 'return') return { ...alert, calmerSince: null, flaps: alert.flaps + 1 }
  if (step.do === 'worsen' || step.do === 'ease') return { ...alert, severity: status === 'critical' ? 'critical' : 'warning', calmerSince: null }
  return step.do === 'stay' ? { ...alert, calmerSince: null } : alert
}

test('a database that answers again is believed after three quiet minutes', () => {
  expect(play('database_reachable', ['ok', 'critical', 'critical', 'ok', 'ok', 'ok', 'ok', 'ok']).words).toEqual([
    '1 open',
    '3 calm',
    '4 calm',
    '5 calm',
    '6 resolve',
  ])
})

test('what comes and goes stays one alert, and has to be quiet for longer each time', () => {
  const { words } = play('database_reachable', ['critical', 'ok', 'critical', 'ok', 'critical', ...Array<CheckStatus>(13).fill('ok')])
  expect(words.filter((one) => /open|return|resolve/.test(one))).toEqual(['0 open', '2 return', '4 return', '17 resolve'])
})

test('not knowing opens nothing and resolves nothing, and quiet has to begin anew after it', () => {
  expect(play('database_reachable', ['unknown', null, 'unknown']).words).toEqual([])
  expect(play('backup', ['critical', 'unknown', null, 'unknown', 'ok']).words).toEqual(['0 open', '4 resolve'])
  const { words } = play('database_reachable', ['critical', 'ok', 'ok', 'unknown', 'ok', 'ok', 'ok', 'ok'])
  expect(words.filter((one) => one.includes('resolve'))).toEqual(['7 resolve'])
})

test('a warning that becomes critical says so at once; a critical one that is only a warning now says so when that is steady', () => {
  expect(play('storage_room', ['warning', 'critical']).words).toEqual(['0 open', '1 worsen'])
  const looks: CheckStatus[] = ['critical', ...Array<CheckStatus>(11).fill('warning'), ...Array<CheckStatus>(11).fill('ok')]
  expect(play('storage_room', looks).words.filter((one) => !one.includes('calm'))).toEqual(['0 open', '11 ease', '22 resolve'])
})

test('an instant of well after minutes of a warning ends no critical alert', () => {
  const warnings = Array<CheckStatus>(11).fill('warning')
  const looks: CheckStatus[] = ['critical', ...warnings.slice(1), 'ok', 'warning', 'critical']
  expect(play('storage_room', looks).words.filter((one) => !one.includes('calm'))).toEqual(['0 open', '11 ease', '12 return', '13 worsen'])
  const { words } = play('storage_room', ['critical', ...warnings.slice(1), ...Array<CheckStatus>(12).fill('ok')])
  expect(words.filter((one) => !one.includes('calm'))).toEqual(['0 open', '11 ease', '21 resolve'])
})

const anyKind = fc.constantFrom(...checkKindNames)
const anyLook = fc.constantFrom<CheckStatus | null>('ok', 'warning', 'critical', 'unknown', null)

test('whatever is seen: an alert opens only on a bad look, ends only on a good one after its quiet time, and is then gone', () => {
  fc.assert(
    fc.property(anyKind, fc.array(anyLook, { maxLength: 120 }), (kind, looks) => {
      const { steps } = play(kind, looks)
      let open = false
      for (const { at, step } of steps) {
        if (step.do === 'open') {
          expect(open).toBe(false)
          expect(looks[at]).toBe(step.severity)
          open = true
        }
        if (step.do === 'resolve') {
          expect(open).toBe(true)
          const quiet = Math.ceil(checkKinds[kind].steadySeconds / 60)
          expect(looks.slice(at - quiet, at + 1).every((one) => one === 'ok' || one === 'warning')).toBe(true)
          expect(looks[at]).toBe('ok')
          open = false
        }
      }
    }),
  )
})

test('whatever came before, a bad look leaves an alert of at least that severity, and enough quiet ends it', () => {
  fc.assert(
    fc.property(anyKind, fc.array(anyLook, { maxLength: 60 }), fc.constantFrom('warning' as const, 'critical' as const), (kind, looks, bad) => {
      const { alert } = play(kind, [...looks, bad])
      expect(alert).not.toBe(null)
      if (bad === 'critical') expect(alert?.severity).toBe('critical')
      const quiet = Math.ceil(steadySecondsOf(kind, 4) / 60) + 1
      expect(play(kind, [...looks, bad, ...Array<CheckStatus>(quiet).fill('ok')]).alert).toBe(null)
    }),
  )
})

test('a thing that comes and goes every other minute for a day is told of once', () => {
  const looks = Array.from({ length: 1440 }, (_, index): CheckStatus => (index % 2 === 0 ? 'critical' : 'ok'))
  const { steps } = play('database_reachable', looks)
  expect(steps.filter(({ step }) => step.do === 'open')).toHaveLength(1)
  expect(steps.filter(({ step }) => step.do === 'resolve')).toHaveLength(0)
})
