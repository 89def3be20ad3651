import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { type RawFacts } from './piece-thread.ts'
import { pieceBytes } from './piece-header.ts'
import { PieceThread } from './piece-threads.ts'
import { compressPieces, decompressPieces } from './pieces.ts'

/** One buffer for all that it yields, as a producer may. */
async function* reusing(raw: Buffer, step: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.alloc(step)
  for (let at = 0; at < raw.length; at += step) yield buffer.subarray(0, raw.copy(buffer, 0, at, at + step))
}

/** Compresses and decompresses; each piece is copied at once, because it holds only until the next. */
async function roundTrip(raw: Buffer, step: number): Promise<{ back: Buffer; facts: RawFacts | null }> {
  let facts: RawFacts | null = null
  const plain: Buffer[] = []
  const pieces = compressPieces(reusing(raw, step), (told) => {
    facts = told
  })
  for await (const piece of pieces) plain.push(Buffer.from(piece))
  const back: Buffer[] = []
  for await (const piece of decompressPieces(chunks(plain))) back.push(piece)
  return { back: Buffer.concat(back), facts }
}

async function* chunks(parts: Buffer[]): AsyncGenerator<Buffer> {
  yield* parts
}

test.each([1000, pieceBytes - 1, pieceBytes, pieceBytes + 1])('a source may use its buffer again after each chunk of %i bytes', async (step) => {
  const raw = Buffer.concat([Buffer.alloc(2 * pieceBytes, 'a row\n'), randomBytes(3 * pieceBytes + 5)])
  const { back, facts } = await roundTrip(raw, step)
  expect(back.equals(raw)).toBe(true)
  expect(facts).toMatchObject({ bytes: raw.length, sha256: createHash('sha256').update(raw).digest('hex') })
})

test('entries that are sealed at the same time keep their bytes, sums and lines apart', async () => {
  const entries = Array.from({ length: 12 }, (_, n) => Buffer.concat([randomBytes(n * 100_000), Buffer.alloc(3 * pieceBytes, `row ${n}\n`)]))
  const done = await Promise.all(entries.map((raw) => roundTrip(raw, 300_000)))
  for (const [n, raw] of entries.entries()) {
    expect(done[n]?.back.equals(raw)).toBe(true)
    expect(done[n]?.facts).toEqual({
      bytes: raw.length,
      newlines: raw.filter((byte) => byte === 10).length,
      sha256: createHash('sha256').update(raw).digest('hex'),
    })
  }
})

test('a source that fails leaves nothing behind that another entry could meet', async () => {
  const failing = async function* () {
    yield Buffer.alloc(5 * pieceBytes + 7, 'lost\n')
    throw new Error('the dump broke off')
  }
  const seal = async () => {
    for await (const piece of compressPieces(failing(), () => {})) expect(piece.length).toBeGreaterThan(0)
  }
  await expect(Promise.all([seal(), seal(), seal()])).rejects.toThrow('the dump broke off')
  const raw = Buffer.alloc(4 * pieceBytes, 'kept\n')
  expect((await roundTrip(raw, 70_000)).back.equals(raw)).toBe(true)
})

test('when the sealing thread ends, what it worked on fails with a cause, and so does what comes after', async () => {
  let gone = 0
  const thread = new PieceThread(() => gone++)
  const slot = thread.takeSlot()
  await thread.compress(1, slot, 1000)
  // terminating it in the middle of a piece would now and then end the whole process: "close before init" (Node 24.21)
  const broken = thread.compress(1, { ...slot, index: 99 }, 1000)
  const behind = thread.compress(1, slot, 1000)
  const failed = { code: 'failed', cause: { message: 'a slot that was never handed over' } }
  await Promise.all([expect(broken).rejects.toMatchObject(failed), expect(behind).rejects.toMatchObject(failed)])
  await expect(thread.end(1)).rejects.toMatchObject(failed)
  expect(gone).toBe(1)
})
