import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { followTable, rowsFromNewlines } from './follow.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-follow-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})
const writer = (ended: () => boolean) => ({ ended, assertGood: () => {}, onBytes: () => {} })
async function read(path: string, ended: () => boolean): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of followTable(path, writer(ended))) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

test.each([
  ['an empty table', '\\.\n\n\n', 0],
  ['one row', '1\n\\.\n\n\n', 1],
  ['rows without columns', '\n\n\\.\n\n\n', 2],
  ['a row that ends in a backslash and a dot', 'x\\\\.\n\\.\n\n\n', 1],
])('%s is complete by its end mark, also while pg_dump goes on', async (_, text, rows) => {
  const path = join(dir, '1.dat')
  await writeFile(path, text)
  expect(await read(path, () => false)).toBe(text)
  expect(rowsFromNewlines(text.split('\n').length - 1)).toBe(rows)
  expect(await readdir(dir), 'a file that was read is removed').toEqual([])
})

test.each([
  ['nothing at all', ''],
  ['rows without an end mark', '1\n2\n'],
  ['an end mark cut by a byte', '1\n\\.\n\n'],
  ['a value that looks like the end mark but for its first byte', '1\nx\\\\.\n\n\n'],
])('%s after pg_dump ended is an error', async (_, text) => {
  const path = join(dir, '1.dat')
  await writeFile(path, text)
  await expect(read(path, () => true)).rejects.toMatchObject({ code: 'tool_failed' })
})

test('a file that grows is read to its end, also when the mark comes byte by byte', async () => {
  const path = join(dir, '1.dat')
  await writeFile(path, '')
  const reading = read(path, () => false)
  const text = `${'row\n'.repeat(1000)}\\.\n\n\n`
  await appendFile(path, text.slice(0, -6))
  for (const byte of text.slice(-6)) await appendFile(path, byte)
  expect(await reading).toBe(text)
})

test('space behind the reader is given back while the file is still being read', async () => {
  const path = join(dir, '1.dat')
  const pieces = Buffer.alloc(1 << 20, 'row\n')
  for (let count = 0; count < 80; count++) await appendFile(path, pieces)
  await appendFile(path, '\\.\n\n\n')
  let least = Number.POSITIVE_INFINITY
  let bytes = 0
  for await (const piece of followTable(
    path,
    writer(() => false),
  )) {
    bytes += piece.length
    if (bytes > 66 << 20) least = Math.min(least, (await stat(path).catch(() => ({ blocks: least / 512 }))).blocks * 512)
  }
  expect(bytes).toBe((80 << 20) + 5)
  expect(least).toBeLessThan(20 << 20)
})
