import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import { archiveVersionOf, parseToc, tableData, tocIdentity } from './toc.ts'

/** Writes what pg_dump writes. */
class TocWriter {
  #parts: Buffer[] = []
  bytes(...values: number[]): this {
    this.#parts.push(Buffer.from(values))
    return this
  }
  int(value: number): this {
    const bytes = Buffer.alloc(5)
    bytes[0] = value < 0 ? 1 : 0
    bytes.writeUInt32LE(Math.abs(value), 1)
    this.#parts.push(bytes)
    return this
  }
  text(value: string | null): this {
    if (value === null) return this.int(-1)
    const bytes = Buffer.from(value)
    this.int(bytes.length)
    this.#parts.push(bytes)
    return this
  }
  entry(minor: number, one: { id: number; desc: string; tag: string; defn?: string; copy?: string; file?: string; depends?: number[] }): this {
    this.int(one.id)
      .int(1)
      .text('0')
      .text('0')
      .text(one.tag)
      .text(one.desc)
      .int(3)
      .text(one.defn ?? '')
      .text('')
      .text(one.copy ?? null)
    this.text('public').text('').text('')
    if (minor >= 16) this.int(0)
    this.text('owner').text('false')
    for (const dependency of one.depends ?? []) this.text(String(dependency))
    return this.text(null).text(one.file ?? '')
  }
  done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function archive(minor: number, count = 2, file = '7.dat'): Buffer {
  const writer = new TocWriter().bytes(...Buffer.from('PGDMP'), 1, minor, 0, 4, 8, 3)
  if (minor >= 15) writer.bytes(0)
  else writer.int(0)
  for (let field = 0; field < 7; field++) writer.int(field)
  writer.text('shop').text('15.20').text('15.20').int(count)
  writer.entry(minor, { id: 3, desc: 'ENCODING', tag: 'ENCODING', defn: `SET client_encoding = 'UTF8';` })
  writer.entry(minor, { id: 7, desc: 'TABLE DATA', tag: 'new\nline "x"', copy: 'COPY public.t (id) FROM stdin;\n', file, depends: [3] })
  return writer.done()
}

test.each([14, 15, 16])('archive version 1.%d is read whole', (minor) => {
  const toc = parseToc(archive(minor))
  expect(toc).toMatchObject({ archiveVersion: `1.${minor}`, dbname: 'shop', serverVersion: '15.20', encoding: 'UTF8' })
  expect(tableData(toc)).toMatchObject([
    { dumpId: 7, schema: 'public', tag: 'new\nline "x"', owner: 'owner', dependencies: [3], filename: '7.dat', viaPartitionRoot: false },
  ])
  expect(tocIdentity(toc)).toEqual([JSON.stringify(['TABLE DATA', 'public', 'new\nline "x"', 'owner'])])
})

test('every cut of it is corrupt, never a shorter table of contents', () => {
  const whole = archive(14)
  for (let length = 0; length < whole.length; length++) {
    expect(() => parseToc(whole.subarray(0, length)), `${length} bytes`).toThrow(LifeboatError)
  }
  expect(() => parseToc(Buffer.concat([whole, Buffer.from('x')]))).toThrow('bytes follow')
})

test('a file outside the directory, or of another table, is refused', () => {
  for (const file of ['../../etc/passwd', '/etc/passwd', 'toc.dat', '7.dat/../8.dat', '8.dat'])
    expect(() => tableData(parseToc(archive(14, 2, file))), file).toThrow('damaged')
})

test('an archive of a version to come is refused by name', () => {
  const newer = archive(14)
  newer[6] = 17
  expect(archiveVersionOf(newer)).toBe('1.17')
  expect(() => parseToc(newer)).toThrow('1.17')
})

test('whatever bytes are changed, the parser ends, with a value or a LifeboatError', () => {
  const whole = archive(16)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(whole)
      for (const [at, value] of changes) bytes[at] = value
      try {
        parseToc(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(LifeboatError)
      }
    }),
    { numRuns: 2000 },
  )
})
