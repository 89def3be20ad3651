import { expect, test } from 'vitest'
import { forecastStorage, type UsageDay } from './capacity-forecast.ts'

const gb = 1e9
const now = new Date('2026-11-23T12:00:00Z')
const dayOf = (ago: number) => new Date(now.getTime() - ago * 86_400_000).toISOString().slice(0, 10)
const days = (count: number, used: (ago: number) => number, totalBytes: number | null = null): UsageDay[] =>
  Array.from({ length: count }, (_, ago) => ({
    day: dayOf(ago),
    usedBytes: used(ago),
    totalBytes,
    freeBytes: totalBytes === null ? null : totalBytes - used(ago),
  }))
const bucket = (usage: UsageDay[], budgetBytes: number | null, usedBytes: number | null = usage[0]?.usedBytes ?? null) =>
  forecastStorage({ usage, now, usedBytes, totalBytes: null, freeBytes: null, budgetBytes })

test('steady growth fills a budget on the day that the pace says', () => {
  const seen = bucket(
    days(30, (ago) => 100 * gb - ago * gb),
    110 * gb,
  )
  expect(seen).toMatchObject({ growthBytesPerDay: gb, days: 30, limitBytes: 110 * gb, fillsAt: '2026-12-03T12:00:00.000Z', warns: true })
  expect(seen.words).toContain('1 GB a day (the median of the slopes between 30 days of the last 90)')
  expect(seen.words).toContain('full on 3 December 2026')
})

test('one odd day, and days on which nobody looked, do not move the pace', () => {
  const odd = days(40, (ago) => (ago === 7 ? 900 * gb : 100 * gb - ago * gb)).filter((_, at) => at % 3 !== 1)
  const growth = bucket(odd, 1000 * gb).growthBytesPerDay ?? 0
  expect(growth).toBeGreaterThan(0.9 * gb)
  expect(growth).toBeLessThan(1.1 * gb)
})

test.each([
  ['no day', []],
  ['6 days', days(6, (ago) => 100 * gb - ago * gb)],
])('with %s on record no day is told, and the words say that too little is known', (text, usage) => {
  const seen = bucket(usage, 200 * gb, 100 * gb)
  expect(seen).toMatchObject({ growthBytesPerDay: null, fillsAt: null, usedShare: 0.5 })
  expect(seen.words).toContain(`not known: ${text === 'no day' ? 'no day' : 'only 6 days'}`)
})

test('what shrinks or stands still never fills, and what would take a lifetime is not dated', () => {
  expect(
    bucket(
      days(20, (ago) => 100 * gb + ago * gb),
      200 * gb,
    ),
  ).toMatchObject({ fillsAt: null, growthBytesPerDay: -gb })
  expect(
    bucket(
      days(20, () => 100 * gb),
      200 * gb,
    ).words,
  ).toContain('does not grow')
  expect(
    bucket(
      days(20, (ago) => 100 * gb - ago * 1000),
      200 * gb,
    ).words,
  ).toContain('not fill within ten years')
})

test('the warning begins at exactly 80 %, with or without a history', () => {
  expect(bucket([], 100 * gb, 80 * gb).warns).toBe(true)
  expect(bucket([], 100 * gb, 80 * gb - 1).warns).toBe(false)
})

test('a disk counts what other programs wrote there as well, and a budget only the backups', () => {
  const usage = days(20, (ago) => 10 * gb - ago * 0.1 * gb).map((one, ago) => ({ ...one, totalBytes: 1000 * gb, freeBytes: 300 * gb + ago * 5 * gb }))
  const disk = forecastStorage({ usage, now, usedBytes: 10 * gb, totalBytes: 1000 * gb, freeBytes: 300 * gb, budgetBytes: null })
  expect(disk).toMatchObject({ growthBytesPerDay: 5 * gb, usedShare: 0.7, fillsAt: '2027-01-22T12:00:00.000Z' })
  const both = forecastStorage({ usage, now, usedBytes: 10 * gb, totalBytes: 1000 * gb, freeBytes: 300 * gb, budgetBytes: 11 * gb })
  expect(both).toMatchObject({ limitBytes: 11 * gb, warns: true, fillsAt: '2026-12-03T12:00:00.000Z' })
})

test('what is over its limit is full now; what nothing bounds says so', () => {
  expect(bucket([], 100 * gb, 120 * gb)).toMatchObject({ fillsAt: now.toISOString(), warns: true })
  expect(
    bucket(
      days(10, (ago) => 100 * gb - ago * gb),
      null,
    ),
  ).toMatchObject({ limitBytes: null, warns: false, fillsAt: null, growthBytesPerDay: gb })
})

test('days older than ninety, or after today, are not counted', () => {
  const usage = [
    ...days(10, () => 50 * gb),
    { day: dayOf(200), usedBytes: 0, totalBytes: null, freeBytes: null },
    { ...(days(1, () => 1)[0] as UsageDay), day: dayOf(-3) },
  ]
  expect(bucket(usage, 100 * gb)).toMatchObject({ days: 10, growthBytesPerDay: 0 })
})
