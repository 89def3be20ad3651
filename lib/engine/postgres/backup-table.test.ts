import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyColumns } from './backup-table.ts'
import { quoteName } from './quote-name.ts'

test('the columns of a COPY are read back, whatever they are called', () => {
  const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', '"', ' ', ',', '(', ')', '.', '\n', '\\', ';', 'é') })
  fc.assert(
    fc.property(name, name, fc.array(name, { minLength: 1, maxLength: 5 }), (schema, table, columns) => {
      const statement = `COPY ${quoteName(schema)}.${quoteName(table)} (${columns.map(quoteName).join(', ')}) FROM stdin;\n`
      expect(copyColumns(statement)).toEqual(columns)
    }),
  )
  expect(copyColumns('COPY public.t (id, "select", naïve) FROM stdin;\n')).toEqual(['id', 'select', 'naïve'])
  expect(copyColumns('COPY public."no columns"  FROM stdin;\n')).toEqual([])
})

test('a COPY that pg_dump does not write is corrupt', () => {
  for (const statement of [
    '',
    'COPY t (a) FROM stdin;',
    'COPY public.t (a) FROM PROGRAM;',
    'COPY public.t (a) FROM stdin; DROP TABLE t;',
    'COPY public.t (a b) FROM stdin;',
  ])
    expect(() => copyColumns(statement), statement).toThrow('damaged')
})
