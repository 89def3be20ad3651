import { expect, test } from 'vitest'
import { dumpError } from './dump-error.ts'

/** What pg_dump says when the server gives up on a table, with the server's own words put in. */
const said = (server: string, command = 'COPY public.one (id, b) TO stdout;') =>
  dumpError({
    code: 1,
    killedBy: null,
    stderrTail: `pg_dump: error: Dumping the contents of table "one" failed: PQgetResult() failed.
pg_dump: detail: Error message from server: ${server}
pg_dump: detail: Command was: ${command}
pg_dump: error: a worker process died unexpectedly
`,
  })

test.each([
  ['a value', 'ERROR:  invalid memory alloc request size 1200000003'],
  ['a row', 'ERROR:  out of memory\nDETAIL:  Cannot enlarge string buffer containing 600000010 bytes by 600000003 more bytes.'],
])('%s that is too large as text is named as such, with its table, what is safe and what to do', (_what, server) => {
  const error = said(server)
  expect(error).toMatchObject({ code: 'value_too_large', message: expect.stringContaining('public.one') })
  expect(error.hint).toContain('earlier ones are untouched')
  expect(error.hint).toContain('large object')
})

test('a size that no row can come to is the sign of damage, not of a large value', () => {
  const error = said('ERROR:  invalid memory alloc request size 18446744073709551613')
  expect(error).toMatchObject({ code: 'tool_failed', message: expect.stringContaining('public.one') })
})

test('a table is named with its schema, however it is called, and also by a server that speaks another language', () => {
  expect(said('FEHLER:  could not read block 7', 'COPY "my ""schema"."t. (x)" (id) TO stdout;')).toMatchObject({
    code: 'tool_failed',
    message: 'The server could not read table "my ""schema"."t. (x)": could not read block 7.',
  })
})
