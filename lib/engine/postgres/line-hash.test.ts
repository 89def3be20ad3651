import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addLineSums, LineHash } from './line-hash.ts'

const sumOf = (pieces: Buffer[]) => {
  const hash = new LineHash()
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}
const file = (rows: string[]) => Buffer.from(`${rows.map((row) => `${row}\n`).join('')}\\.\n\n\n`)
const row = fc.string({ maxLength: 8 }).filter((text) => !text.includes('\n') && text !== '\\.')

test('neither the order of rows, nor how they are spread over files or pieces, changes the sum', () => {
  fc.assert(
    fc.property(fc.array(row), fc.nat(), fc.nat(), (rows, cut, split) => {
      const whole = file(rows)
      const at = cut % (whole.length + 1)
      const half = split % (rows.length + 1)
      expect(sumOf([whole.subarray(0, at), whole.subarray(at)])).toBe(sumOf([whole]))
      expect(addLineSums([sumOf([file(rows.slice(half).reverse())]), sumOf([file(rows.slice(0, half))])])).toBe(sumOf([whole]))
    }),
  )
})

test('a changed, missing or doubled row changes it', () => {
  const base = sumOf([file(['1\ta', '2\tb'])])
  for (const other of [['1\ta', '2\tc'], ['1\ta'], ['1\ta', '2\tb', '2\tb'], ['1\ta', '1\ta']]) expect(sumOf([file(other)])).not.toBe(base)
  expect(sumOf([file([])])).toBe('0'.repeat(64))
})

test('a line that comes in many pieces counts as one, and the end of the data is known also when it is cut in two', () => {
  const whole = file(['a'.repeat(5000), 'b', ''])
  const bytes = Array.from(whole, (byte) => Buffer.from([byte]))
  expect(sumOf(bytes)).toBe(sumOf([whole]))
  expect(sumOf([...bytes, Buffer.from('after the end\n')])).toBe(sumOf([whole]))
})

test('the sum is that of the lines’ SHA-256 as numbers, however often it overflows', () => {
  const rows = Array.from({ length: 3000 }, (_, n) => `row ${n}`)
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  const total = rows.reduce((sum, text) => (sum + BigInt(`0x${sha(text)}`)) % 2n ** 256n, 0n)
  expect(sumOf([file(rows)])).toBe(total.toString(16).padStart(64, '0'))
  expect(sumOf([file(['one'])])).toBe(sha('one'))
})
