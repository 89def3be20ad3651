import { expect, test } from 'vitest'
import { derivedName } from './derived-name.ts'

const bytes = (text: string) => Buffer.byteLength(text)

test('a name that fits is kept whole; one that does not is cut between characters and marked, so that two long names stay two', () => {
  expect(derivedName('shop', '_kept_1')).toBe('shop_kept_1')
  const [one, other] = ['é'.repeat(31), `${'é'.repeat(30)}e`].map((name) => derivedName(name, '_kept_20261122_221530'))
  expect(one).toMatch(/^é+_[0-9a-f]{8}_kept_20261122_221530$/)
  expect([one, other].map((name) => bytes(name ?? '') <= 63)).toEqual([true, true])
  expect(one).not.toBe(other)
})
