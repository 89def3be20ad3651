import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutIntoParts, partBytes } from './s3-parts.ts'

const mib = 1 << 20
const gib = 1 << 30
const aws = { partLimit: 10_000, first: 8 * mib }

function reach(options: Parameters<typeof partBytes>[1]): number {
  let total = 0
  for (let number = 1; number <= options.partLimit; number += 1) total += partBytes(number, options)
  return total
}

test('a small object begins with a small part, whatever the size of its database', () => {
  expect(partBytes(1, aws)).toBe(8 * mib)
  expect(partBytes(1, { ...aws, sizeHint: 10 * gib })).toBe(8 * mib)
  expect(partBytes(1, { ...aws, sizeHint: 2000 * gib })).toBe(64 * mib)
})

test('an object of the hinted size fits with one part size, and its parts never shrink', () => {
  const options = { ...aws, sizeHint: 300 * gib }
  const needed = Math.ceil((300 * gib) / partBytes(1, options))
  expect(needed).toBeLessThan(aws.partLimit)
  expect(partBytes(needed, options)).toBe(partBytes(1, options))
  for (let number = 2; number <= 10_000; number += 1) expect(partBytes(number, options)).toBeGreaterThanOrEqual(partBytes(number - 1, options))
})

test('a hint that was far too low does not end the upload: parts grow, up to what memory allows', () => {
  for (const sizeHint of [undefined, 1, 10 * mib, 50 * gib, 3000 * gib]) {
    expect(reach({ ...aws, sizeHint })).toBeGreaterThan(3000 * gib)
    expect(partBytes(10_000, { ...aws, sizeHint })).toBeLessThanOrEqual(gib)
  }
  expect(reach({ partLimit: 1000, first: 8 * mib })).toBeGreaterThan(300 * gib)
})

test('one part more than the store takes is refused', () => {
  expect(() => partBytes(21, { partLimit: 20, first: 100 })).toThrow('more than the 20 parts')
})

test('whatever the chunks, the parts are the stream, of the asked sizes, and only the last is the last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 30 }), fc.integer({ min: 1, max: 25 }), async (sizes, size) => {
      const chunks = sizes.map((each) => randomBytes(each))
      const parts = []
      for await (const part of cutIntoParts(from(chunks), (number) => size + number)) parts.push(part)
      expect(Buffer.concat(parts.map((part) => part.bytes)).equals(Buffer.concat(chunks))).toBe(true)
      expect(parts.map((part) => part.number)).toEqual(parts.map((_, index) => index + 1))
      expect(parts.map((part) => part.last)).toEqual(parts.map((_, index) => index === parts.length - 1))
      for (const part of parts.slice(0, -1)) expect(part.bytes).toHaveLength(size + part.number)
    }),
  )
})

async function* from(chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks
}
