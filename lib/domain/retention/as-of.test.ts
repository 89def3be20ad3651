import { expect, test } from 'vitest'
import { tellTime } from './as-of.ts'

const hours = (...ago: number[]) => ago.map((one) => -one * 3_600_000)
const day = 24

test('the newest backup tells the time where another one was made the day before, or within five weeks', () => {
  expect(tellTime(hours(0, 24, 48))).toEqual({ at: -0, leapt: false, from: hours(0, 0, 24) })
  // a weekly one beside monthly ones, some of the same day
  expect(tellTime(hours(0, 31 * day), hours(3, 7 * day))).toEqual({ at: -0, leapt: false, from: hours(0, 3, 7 * day) })
  expect(tellTime(hours(0, 35 * day))).toMatchObject({ at: -0, leapt: false })
})

test('after a longer step the last one before it tells the time, until a second one comes most of a day later', () => {
  expect(tellTime(hours(0, 40 * day))).toMatchObject({ at: hours(40 * day)[0], leapt: true })
  expect(tellTime(hours(0, 1, 19, 40 * day, 41 * day))).toMatchObject({ at: hours(40 * day)[0], leapt: true })
  expect(tellTime(hours(0, 20, 40 * day))).toMatchObject({ at: -0, leapt: false })
  // where they are always so rare, it goes one behind
  expect(tellTime(hours(0, 91 * day, 182 * day))).toMatchObject({ at: hours(91 * day)[0], leapt: true })
})

test('backups of one day alone tell nothing, and neither do none', () => {
  expect(tellTime(hours(0, 1, 19))).toMatchObject({ at: Number.NEGATIVE_INFINITY, leapt: false })
  expect(tellTime()).toEqual({ at: Number.NEGATIVE_INFINITY, leapt: false, from: [] })
})
