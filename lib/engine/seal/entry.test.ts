import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { openEntry, sealEntry } from './entry.ts'
import { headerBytes, writeHeader } from './header.ts'
import { newBackupKey } from './keys.ts'
import { frameBytes } from './message.ts'
import { decompressPieces } from './pieces.ts'

const backupKey = newBackupKey()
const backupId = randomUUID()

async function seal(chunks: Buffer[], ordinal = 1) {
  const { stream, done } = sealEntry({ backupKey, backupId, ordinal, source: Readable.from(chunks) })
  const stored = await buffer(stream)
  const { newlines, ...sizes } = await done
  const expected: ManifestEntry = { ordinal, kind: 'table', ...sizes }
  return { stored, expected, newlines }
}

function open(stored: Buffer, options: { ordinal?: number; expected?: ManifestEntry | null; key?: Buffer; id?: string; chunk?: number } = {}) {
  const { ordinal = 1, expected = null, key = backupKey, id = backupId, chunk = 65_536 } = options
  const chunks = async function* () {
    for (let at = 0; at < stored.length; at += chunk) yield stored.subarray(at, at + chunk)
  }
  return buffer(Readable.from(openEntry({ backupKey: key, backupId: id, ordinal, stored: chunks(), expected })))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof LifeboatError) return error.code
    throw error
  }
  return 'opened'
}

test('any bytes in any chunks come back equal, with their size, hash and line count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), fc.integer({ min: 1, max: 4000 }), async (parts, chunk) => {
      const raw = Buffer.concat(parts)
      const { stored, expected, newlines } = await seal(parts.map((part) => Buffer.from(part)))
      expect((await open(stored, { expected, chunk })).equals(raw)).toBe(true)
      expect(newlines).toBe(raw.filter((byte) => byte === 10).length)
      expect(expected.rawSha256).toBe(createHash('sha256').update(raw).digest('hex'))
      expect(expected.storedSha256).toBe(createHash('sha256').update(stored).digest('hex'))
    }),
    { numRuns: 60 },
  )
})

test.each([0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 5 * frameBytes + 17])('%i incompressible bytes come back equal', async (size) => {
  const raw = randomBytes(size)
  const { stored, expected } = await seal([raw])
  expect((await open(stored, { expected })).equals(raw)).toBe(true)
})

test('a sealed entry begins with its own mark, never with that of a pg_dump archive', async () => {
  const { stored } = await seal([Buffer.from('PGDMP')])
  expect(stored.subarray(0, 11).toString()).toBe('lifeboat/1 ')
  expect(stored.includes('PGDMP')).toBe(false)
})

test('one flipped bit anywhere is corrupt, with and without the manifest at hand', async () => {
  const { stored, expected } = await seal([randomBytes(3000), Buffer.alloc(3 * frameBytes, 'row\n'), randomBytes(2 * frameBytes)])
  // every byte of the clear header, then the edges of the first frame and the last, and places in between
  const places = [...Array(headerBytes + 400).keys()]
  for (let back = 1; back <= 60; back++) places.push(stored.length - back)
  for (let at = 1; at < 40; at++) places.push(Math.floor((stored.length * at) / 40))
  for (const at of places) {
    const changed = Buffer.from(stored)
    changed[at] = (changed[at] ?? 0) ^ 4
    expect([at, await codeOf(open(changed))]).toEqual([at, 'corrupt'])
    if (at % 50 === 0) expect([at, await codeOf(open(changed, { expected }))]).toEqual([at, 'corrupt'])
  }
})

test('an entry that was cut is corrupt: inside a frame, at a frame edge, in the last tag, in the header', async () => {
  const { stored } = await seal([randomBytes(3 * frameBytes)])
  const message = stored.length
  const frame = 4 + 12 + frameBytes + 16
  const lastFrame = message - ((message - headerBytes) % frame)
  for (const at of [0, 5, headerBytes - 1, headerBytes, 300, 100_000, frame, lastFrame, lastFrame - frame, message - 16, message - 17, message - 1]) {
    expect([at, await codeOf(open(stored.subarray(0, at)))]).toEqual([at, 'corrupt'])
  }
  // every cut within the last 200 bytes, one byte at a time
  for (let back = 1; back < 200; back++) expect(await codeOf(open(stored.subarray(0, message - back)))).toBe('corrupt')
})

test('frames that were swapped or repeated are corrupt', async () => {
  const { stored } = await seal([randomBytes(4 * frameBytes)])
  const frame = 4 + 12 + frameBytes + 16
  const first = stored.indexOf(Buffer.from([0, 0, 0, 1]), headerBytes + 250)
  const head = stored.subarray(0, first)
  const one = stored.subarray(first, first + frame)
  const two = stored.subarray(first + frame, first + 2 * frame)
  const rest = stored.subarray(first + 2 * frame)
  expect(await codeOf(open(Buffer.concat([head, one, two, rest])))).toBe('opened')
  expect(await codeOf(open(Buffer.concat([head, two, one, rest])))).toBe('corrupt')
  expect(await codeOf(open(Buffer.concat([head, one, one, rest])))).toBe('corrupt')
  expect(await codeOf(open(Buffer.concat([head, one, rest])))).toBe('corrupt')
})

test('anything appended is corrupt, and reading stops there', async () => {
  const { stored, expected } = await seal([randomBytes(2000)])
  expect(await codeOf(open(Buffer.concat([stored, Buffer.from('x')])))).toBe('corrupt')
  expect(await codeOf(open(Buffer.concat([stored, stored]), { expected }))).toBe('corrupt')
})

test('another entry of the same backup, and another backup, are corrupt at this place', async () => {
  const { stored } = await seal([randomBytes(2000)], 2)
  expect(await codeOf(open(stored, { ordinal: 2 }))).toBe('opened')
  expect(await codeOf(open(stored, { ordinal: 1 }))).toBe('corrupt')
  expect(await codeOf(open(stored, { ordinal: 2, id: randomUUID() }))).toBe('corrupt')
})

test('another key is refused as a wrong key before any byte is given out, and the key is named', async () => {
  const { stored } = await seal([randomBytes(2000)])
  const work = open(stored, { key: newBackupKey() })
  await expect(work).rejects.toMatchObject({ code: 'wrong_key', message: expect.stringMatching(/sealed by key [0-9a-f]{16}/) })
})

test('an entry that claims our key in its first line and was sealed with another is corrupt', async () => {
  const other = newBackupKey()
  const { stream } = sealEntry({ backupKey: other, backupId, ordinal: 1, source: Readable.from([randomBytes(100)]) })
  const { stored } = await seal([Buffer.from('ours')])
  const forged = Buffer.concat([stored.subarray(0, headerBytes), (await buffer(stream)).subarray(headerBytes)])
  expect(await codeOf(open(forged))).toBe('corrupt')
  expect(() => writeHeader('zz')).not.toThrow()
})

test('an entry that is whole but not the one of the manifest is corrupt', async () => {
  const { stored, expected } = await seal([Buffer.from('one row\n')])
  const again = await seal([Buffer.from('two row\n')])
  expect(await codeOf(open(stored, { expected }))).toBe('opened')
  expect(await codeOf(open(again.stored, { expected }))).toBe('corrupt')
})

test('a download bomb stops at the length in front of the piece', async () => {
  const bomb = zlib.zstdCompressSync(Buffer.alloc(256 << 20))
  expect(bomb.length).toBeLessThan(64_000)
  const header = (raw: number) => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32LE(0x184d2a50, 0)
    bytes.writeUInt32LE(8, 4)
    bytes.writeUInt32LE(bomb.length, 8)
    bytes.writeUInt32LE(raw, 12)
    return bytes
  }
  for (const announced of [0, 1, 1 << 20, 1 << 24, 256 << 20, 0xffffffff]) {
    const raw = buffer(Readable.from(decompressPieces(Readable.from([header(announced), bomb]))))
    expect([announced, await codeOf(raw)]).toEqual([announced, 'corrupt'])
  }
})

test('a source that fails midway fails the seal, and its stream never ends as if it were whole', async () => {
  const source = async function* () {
    yield randomBytes(3 * frameBytes)
    throw new LifeboatError('disk_full', 'the disk is full')
  }
  const { stream, done } = sealEntry({ backupKey, backupId, ordinal: 1, source: source() })
  await expect(buffer(stream)).rejects.toMatchObject({ code: 'disk_full' })
  await expect(done).rejects.toMatchObject({ code: 'disk_full' })
})

test('a consumer that stops early lets go of the storage stream', async () => {
  const { stored } = await seal([randomBytes(4 * frameBytes)])
  const source = Readable.from([stored.subarray(0, frameBytes * 2), stored.subarray(frameBytes * 2)])
  for await (const piece of openEntry({ backupKey, backupId, ordinal: 1, stored: source, expected: null })) {
    expect(piece.length).toBe(frameBytes)
    break
  }
  expect(source.destroyed).toBe(true)
})

test('a storage that breaks off midway fails the seal, lets go of the source, and the process lives on', async () => {
  let released = false
  const source = async function* () {
    try {
      for (;;) yield randomBytes(frameBytes)
    } finally {
      released = true
    }
  }
  const { stream, done } = sealEntry({ backupKey, backupId, ordinal: 1, source: source() })
  let seen = 0
  for await (const chunk of stream) {
    seen += chunk.length
    if (seen > 4 * frameBytes) break
  }
  await expect(done).rejects.toThrow()
  await expect.poll(() => released).toBe(true)
})
