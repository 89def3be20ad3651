import { expect, test } from 'vitest'
import { readSql } from './sql-reader.ts'

interface Seen {
  kind: string
  text: string
  line: number
  data?: string
}

async function* cutIn(text: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield text.subarray(at, at + size)
}

async function read(text: string, size = 1 << 20): Promise<Seen[]> {
  const seen: Seen[] = []
  for await (const item of readSql(cutIn(Buffer.from(text), size), { maximumStatementBytes: 1 << 20 })) {
    const one: Seen = { kind: item.kind, text: item.text, line: item.line }
    if (item.kind === 'copy') {
      one.data = ''
      for await (const piece of item.data) one.data += piece.toString()
    }
    seen.push(one)
  }
  return seen
}

const texts = (seen: Seen[]) => seen.map((one) => one.text)

test.each([
  ['strings with doubled quotes and semicolons', `SELECT 'a;''b';`],
  ['a backslash in an ordinary string is no escape', `SELECT 'a\\';`],
  ['E strings, in which it is one', `SELECT E'a\\';b', e'\\\\';`],
  ['a name that ends in e is not E', `SELECT type'a\\';`],
  ['quoted names', `SELECT 1 AS "a;""b'";`],
  ['dollar quotes, also nested by tag', `CREATE FUNCTION f() RETURNS int AS $f$ SELECT $$;$$; $f$ LANGUAGE sql;`],
  ['parameters that are no dollar quote, and dollars in names', `SELECT $1, a$b$c;`],
  ['comments, also nested', `SELECT 1 /* ; /* ' */ ; */ + 1 -- ; '\n ;`],
  ['several statements in the parentheses of a rule', `CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2;);`],
  ['a body between BEGIN ATOMIC and END', `CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;`],
  ['letters beyond ASCII', `SELECT 'ä€😀;' AS "größe";`],
])('one statement stays one: %s', async (_title, statement) => {
  const text = `SELECT 0;\n${statement}\nSELECT 9;\n`
  for (const size of [1, 2, 3, 7, 1 << 20])
    expect(texts(await read(text, size)), `in pieces of ${size}`).toEqual(['SELECT 0;', statement, 'SELECT 9;'])
})

test('with standard_conforming_strings off a backslash escapes, until it is on again', async () => {
  const text = `SET standard_conforming_strings = off;\nSELECT 'a\\';b';\nSET standard_conforming_strings = on;\nSELECT 'a\\';\n`
  expect(texts(await read(text))).toEqual(text.trimEnd().split('\n'))
})

test('COPY blocks are given as they stand, whatever their rows look like, in pieces of any size', async () => {
  const rows = `1\ta;b'\n2\t\\\\.\n\\\\.\n\\.x\n3\t\\N\n\n`
  const text = `CREATE TABLE t ();\nCOPY public.t (a, b) FROM stdin;\n${rows}\\.\n\n\nCOPY e FROM stdin;\n\\.\nSELECT 1;\n`
  for (const size of [1, 2, 3, 5, 1 << 20]) {
    expect(await read(text, size), `in pieces of ${size}`).toEqual([
      { kind: 'statement', text: 'CREATE TABLE t ();', line: 1 },
      { kind: 'copy', text: 'COPY public.t (a, b) FROM stdin;', line: 2, data: rows },
      { kind: 'copy', text: 'COPY e FROM stdin;', line: 12, data: '' },
      { kind: 'statement', text: 'SELECT 1;', line: 14 },
    ])
  }
  expect((await read(`COPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 1;`))[0]?.data).toBe('1\r\n')
  expect((await read(`COPY t FROM stdin;\n1\n\\.`))[0]?.data).toBe('1\n')
  expect((await read(`COPY t FROM stdin;\n\\.`))[0]?.data).toBe('')
})

test('backslash commands are told apart from SQL, with their line', async () => {
  const text = `\\restrict abc\n-- a comment\n\nSELECT 1;\n\\connect other\n  \\! rm -rf /\nSELECT 2\n\\gexec\n;\n`
  for (const size of [1, 4, 1 << 20]) {
    const seen = await read(text, size)
    expect(seen.filter((one) => one.kind === 'backslash')).toEqual([
      { kind: 'backslash', text: '\\restrict abc', line: 1 },
      { kind: 'backslash', text: '\\connect other', line: 5 },
      { kind: 'backslash', text: '\\! rm -rf /', line: 6 },
      { kind: 'backslash', text: '\\gexec', line: 8 },
    ])
    expect(seen.filter((one) => one.kind === 'statement').map((one) => [one.text.split(/\s/).slice(0, 2).join(' '), one.line])).toEqual([
      ['SELECT 1;', 4],
      ['SELECT 2', 7],
    ])
  }
})

test.each([
  ['a string', `SELECT 1;\nSELECT 'abc`, 2],
  ['a dollar quote', `SELECT $a$ $b$`, 1],
  ['a comment', `SELECT 1; /* `, 1],
  ['a statement', `SELECT 1;\n\n\nINSERT INTO t VALUES (1`, 4],
  ['a COPY block', `COPY t FROM stdin;\n1\n2`, 1],
  ['a COPY block before its data', `SELECT 1;\nCOPY t FROM stdin;`, 2],
  ['a COPY block whose mark is cut', `COPY t FROM stdin;\n1\n\\`, 1],
])('a dump that is cut off in %s is damaged, and the line is named', async (_what, text, line) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'corrupt', detail: { line } })
  await expect(read(text, 1)).rejects.toMatchObject({ code: 'corrupt', detail: { line } })
})

test('a statement without an end does not fill the memory', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from("SELECT '")
    for (;;) yield Buffer.alloc(1 << 16, 'a')
  }
  const items = readSql(endless(), { maximumStatementBytes: 1 << 20 })
  await expect(items.next()).rejects.toMatchObject({ code: 'refused' })
})

test('bytes that are no UTF-8 are kept as they are', async () => {
  const text = Buffer.from(`INSERT INTO t VALUES ('\xe4');`, 'latin1')
  const { value } = await readSql(cutIn(text, 3)).next()
  expect(value?.kind === 'statement' && value.bytes.equals(text)).toBe(true)
})
