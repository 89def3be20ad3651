import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LifeboatError } from '../errors.ts'
import { cronWords, nextRuns, parseCron } from './cron.ts'
import { wallOf } from './wall-clock.ts'

const runs = (cron: string, timeZone: string, after: string, count: number) =>
  nextRuns({ cron, timeZone }, new Date(after), count).map((at) => at.toISOString().slice(0, 16))
const refusal = (cron: string, timeZone = 'UTC') => {
  try {
    parseCron({ cron, timeZone })
  } catch (error) {
    if (error instanceof LifeboatError) return error.message
    throw error
  }
  return null
}

describe('the moments of a schedule', () => {
  it('a time of day that the clock skips in spring runs once, as much later as the clock went forward', () => {
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3)).toEqual(['2026-03-28T01:30', '2026-03-29T01:30', '2026-03-30T00:30'])
    expect(runs('15 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual(['2026-03-08T07:15', '2026-03-09T06:15'])
    // half an hour is skipped here, and midnight there
    expect(runs('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T16:00:00Z', 2)).toEqual(['2026-10-03T15:45', '2026-10-04T15:15'])
    expect(runs('0 0 * * *', 'America/Santiago', '2026-09-05T05:00:00Z', 2)).toEqual(['2026-09-06T04:00', '2026-09-07T03:00'])
  })

  it('a time of day that comes twice in autumn runs once, the first time', () => {
    expect(runs('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30'])
    expect(runs('45 1 * * *', 'Australia/Lord_Howe', '2026-04-03T15:00:00Z', 2)).toEqual(['2026-04-04T14:45', '2026-04-05T15:15'])
  })

  it('hours without end go by elapsed time: none is lost and none is doubled when the clocks change', () => {
    expect(runs('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3)).toEqual(['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00'])
    expect(runs('0 * * * *', 'Europe/Berlin', '2026-03-28T23:30:00Z', 3)).toEqual(['2026-03-29T00:00', '2026-03-29T01:00', '2026-03-29T02:00'])
  })

  it('every second hour comes once each, also the one that is skipped or comes twice', () => {
    expect(runs('30 */2 * * *', 'Europe/Berlin', '2026-03-28T23:00:00Z', 3)).toEqual(['2026-03-28T23:30', '2026-03-29T01:30', '2026-03-29T02:30'])
    expect(runs('30 */2 * * *', 'Europe/Berlin', '2026-10-24T23:00:00Z', 2)).toEqual(['2026-10-25T00:30', '2026-10-25T03:30'])
  })

  it('where the clock moves by half an hour, no hour is lost and the schedule goes on', () => {
    const hours = nextRuns({ cron: '0 * * * *', timeZone: 'Australia/Lord_Howe' }, new Date('2026-01-01T00:00:00Z'), 8_000)
    const minutes = hours.slice(1).map((at, index) => (at.getTime() - (hours[index]?.getTime() ?? 0)) / 60_000)
    expect(minutes.filter((one) => one !== 60).sort()).toEqual([30, 90])
    expect(runs('15,40 2 * * *', 'Australia/Lord_Howe', '2026-10-03T14:00:00Z', 2)).toEqual(['2026-10-03T15:40', '2026-10-03T15:45'])
  })

  it('the 31st, the last day and the leap day come when they are there', () => {
    expect(runs('0 2 31 * *', 'UTC', '2026-01-01T00:00:00Z', 3)).toEqual(['2026-01-31T02:00', '2026-03-31T02:00', '2026-05-31T02:00'])
    expect(runs('0 22 L * *', 'UTC', '2028-01-31T22:00:00Z', 2)).toEqual(['2028-02-29T22:00', '2028-03-31T22:00'])
    expect(runs('0 2 29 2 *', 'UTC', '2026-01-01T00:00:00Z', 2)).toEqual(['2028-02-29T02:00', '2032-02-29T02:00'])
  })

  it('in every zone, a time of day comes exactly once on each day', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/Santiago',
      'Australia/Lord_Howe',
      'Antarctica/Troll',
      'Asia/Tehran',
      'Africa/Cairo',
      'Pacific/Auckland',
    ]
    const anyMinute = fc.record({ zone: fc.constantFrom(...zones), hour: fc.nat(23), minute: fc.nat(59), start: fc.nat(700) })
    fc.assert(
      fc.property(anyMinute, ({ zone, hour, minute, start }) => {
        const after = new Date(Date.UTC(2025, 0, 1) + start * 86_400_000)
        const days = nextRuns({ cron: `${minute} ${hour} * * *`, timeZone: zone }, after, 200).map((at) =>
          wallOf(at, zone).toISOString().slice(0, 10),
        )
        expect(new Set(days).size).toBe(200)
        expect(Date.parse(days.at(-1) ?? '') - Date.parse(days[0] ?? '')).toBe(199 * 86_400_000)
      }),
      { numRuns: 60 },
    )
  })

  it('whoever begins in the middle sees the same moments', () => {
    const all = nextRuns({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, new Date('2026-01-01T00:00:00Z'), 365)
    for (const [index, at] of all.slice(0, -3).entries()) {
      expect(nextRuns({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, at, 2)).toEqual(all.slice(index + 1, index + 3))
    }
  })
})

describe('what is typed', () => {
  it('is put in order, with the zone as the platform writes it', () => {
    expect(parseCron({ cron: '  0   3 * * * ', timeZone: 'europe/berlin' })).toEqual({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' })
    expect(parseCron({ cron: '0 3 * MAR THU', timeZone: 'UTC' }).cron).toBe('0 3 * MAR THU')
    expect(cronWords({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' })).toBe('At 03:00, every day, Europe/Berlin')
  })

  it('is refused with what is wrong', () => {
    expect(refusal('')).toMatch(/five fields, this has 0/)
    expect(refusal('0 0 3 * * *')).toMatch(/five fields, this has 6/)
    expect(refusal('@daily')).toMatch(/five fields/)
    expect(refusal('61 * * * *')).toMatch(/not understood/)
    expect(refusal('0 0 31 2 *')).toMatch(/not understood/)
    expect(refusal('H 3 * * *')).toMatch(/not understood here/)
    expect(refusal('0 3 * * *', 'Mars/Base')).toMatch(/no time zone/)
    expect(refusal('0 3 * * *', '+02:00')).toMatch(/no time zone/)
  })

  it('two backups of one database are at least a quarter of an hour apart', () => {
    expect(refusal('* * * * *')).toBe('This runs every minute.')
    expect(refusal('*/10 * * * *')).toBe('This runs every 10 minutes.')
    expect(refusal('0,5 3 * * *')).toBe('This runs every 5 minutes.')
    expect(refusal('*/15 * * * *')).toBeNull()
  })
})
