import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinRecords } from './join-records.ts'
import { type FieldHead, RowDigests, type RowShape } from './row-digests.ts'
import { SortedRecords } from './sorted-records.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-digests-'))
})
afterAll(async () => {
  await rm(dir, { recursive: true })
})

const secret = Buffer.alloc(32, 7)
const endMark = '\\.\n\n\n'

/** Digests and first bytes of each row of a text that comes cut at the given places. */
function digest(text: Buffer, shape: RowShape, cuts: readonly number[]): { records: string[]; fields: FieldHead[][]; ended: boolean } {
  const records: string[] = []
  const fields: FieldHead[][] = []
  const rows = new RowDigests(
    shape,
    secret,
    (row) => {
      records.push(row.record.toString('hex'))
      fields.push(row.fields())
    },
    true,
  )
  let from = 0
  for (const cut of [...cuts].map((place) => place % (text.length + 1)).sort((one, other) => one - other)) {
    rows.update(text.subarray(from, cut))
    from = cut
  }
  rows.update(text.subarray(from))
  return { records, fields, ended: rows.end() }
}

const value = fc.oneof(
  fc.constantFrom('\\N', '', '\\\\.', 'a\\tb', 'é表', '1', '2'),
  fc.string({ unit: fc.constantFrom('a', 'b', '\\\\', 'é', ' '), maxLength: 12 }),
)
const sha = (text: string) => createHash('sha256').update(secret).update(text).digest('hex').slice(0, 32)

test('a row has the same digests wherever its text is cut, and they are those of its key and of its kept columns', () => {
  const rowsOf = (columns: number) => fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 8 })
  const cases = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) => fc.tuple(rowsOf(columns), fc.subarray([...Array(columns).keys()]), fc.shuffledSubarray([...Array(columns).keys()])))
  fc.assert(
    fc.property(cases, fc.array(fc.nat(400), { maxLength: 6 }), fc.boolean(), ([rows, kept, key], cuts, skipNullKeys) => {
      const shape = { columns: rows[0]?.length ?? 1, kept, key, skipNullKeys }
      const text = Buffer.from(`${rows.map((row) => `${row.join('\t')}\n`).join('')}${endMark}`)
      const cols = (row: string[], which: number[]) => which.map((index) => row[index]).join('\t')
      const counted = rows.filter((row) => !(skipNullKeys && key.some((index) => row[index] === '\\N')))
      const found = digest(text, shape, cuts)
      expect(found.ended).toBe(true)
      expect(found.records).toEqual(counted.map((row) => sha(cols(row, key.length > 0 ? key : kept)) + sha(cols(row, kept))))
      expect(found.fields.map((row) => row.map((field) => field.head.toString()))).toEqual(counted)
      expect(found.fields).toEqual(digest(text, shape, []).fields)
    }),
    { numRuns: 300 },
  )
})

test('a row far longer than any piece is hashed as it comes, and its values are told by their beginnings', () => {
  const long = 'x'.repeat(3_000_000)
  const text = Buffer.from(`1\t${long}\tend\n2\tshort\t\\N\n${endMark}`)
  const shape = { columns: 3, kept: [0, 1, 2], key: [0] }
  const found = digest(
    text,
    shape,
    Array.from({ length: 50 }, (_, index) => index * 65_536),
  )
  expect(found.records[0]).toBe(sha('1') + sha(`1\t${long}\tend`))
  expect(found.fields[0]?.[1]).toMatchObject({ length: 3_000_000, head: Buffer.alloc(256, 'x') })
  expect(found.fields[1]?.map((field) => field.head.toString())).toEqual(['2', 'short', '\\N'])
})

test('rows of a table without columns are counted, and a text that ends in the middle of a row is corrupt', () => {
  expect(digest(Buffer.from(`\n\n${endMark}`), { columns: 0, kept: [], key: [] }, []).records.length).toBe(2)
  expect(() => digest(Buffer.from('1\ttwo'), { columns: 2, kept: [0, 1], key: [0] }, [])).toThrow('middle of a row')
})

async function sorted(records: readonly Buffer[], perRun: number): Promise<SortedRecords> {
  const side = new SortedRecords(dir, perRun)
  for (const one of records) {
    side.add(one)
    if (side.isFull) await side.spill()
  }
  return side
}

const record = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 1, 255))
  .map(([key, row, first]) => Buffer.concat([Buffer.alloc(4, first), Buffer.alloc(12, key), Buffer.alloc(16, row)]))

test('two sides sorted in runs of any size are joined as a naive comparison joins them, and leave no file', async () => {
  const sides = fc.tuple(fc.array(record, { maxLength: 60 }), fc.array(record, { maxLength: 60 }), fc.integer({ min: 1, max: 70 }))
  await fc.assert(
    fc.asyncProperty(sides, async ([left, right, perRun]) => {
      const one = await sorted(left, perRun)
      const other = await sorted(right, perRun)
      const found: Record<string, [number, number, number]> = {}
      await joinRecords(one, other, (group) => {
        const key = group.key.toString('hex')
        expect(found[key]).toBeUndefined()
        found[key] = [group.same, group.onlyLeft, group.onlyRight]
      })
      await one.close()
      await other.close()
      expect(found).toEqual(naive(left, right))
    }),
    { numRuns: 200 },
  )
  expect(await readdir(dir)).toEqual([])
})

function naive(left: readonly Buffer[], right: readonly Buffer[]): Record<string, [number, number, number]> {
  const found: Record<string, [number, number, number]> = {}
  const keys = new Set([...left, ...right].map((one) => one.toString('hex', 0, 16)))
  for (const key of keys) {
    const rows = (side: readonly Buffer[]) => side.map((one) => one.toString('hex')).filter((text) => text.startsWith(key))
    const rest = rows(right)
    let same = 0
    for (const row of rows(left)) {
      const at = rest.indexOf(row)
      if (at === -1) continue
      rest.splice(at, 1)
      same++
    }
    found[key] = [same, rows(left).length - same, rest.length]
  }
  return found
}

test('what is spilled is readable by its owner only, comes back in order, and is removed', async () => {
  const records = Array.from({ length: 5000 }, (_, index) =>
    createHash('sha256')
      .update(String(index % 4000))
      .digest(),
  )
  const side = await sorted(records, 700)
  const [file] = await readdir(dir)
  expect((await stat(join(dir, file ?? ''))).mode & 0o777).toBe(0o600)
  const back: string[] = []
  for await (const block of side.blocks()) for (let at = 0; at < block.length; at += 32) back.push(block.toString('hex', at, at + 32))
  await side.close()
  expect(back).toEqual(records.map((one) => one.toString('hex')).sort())
  expect(await readdir(dir)).toEqual([])
})
