import { expect, test } from 'vitest'
import type { Toc, TocEntry } from '#lib/engine/postgres/toc.ts'
import { compareSchema } from './compare-schema.ts'

const keep = { dropGrants: false }

function entry(desc: string, tag: string, more: Partial<TocEntry> = {}): TocEntry {
  const rest = { dumpId: 1, section: 2, defn: '', copyStatement: null, dependencies: [], filename: null, viaPartitionRoot: false }
  return { ...rest, desc, tag, schema: 'public', owner: 'keeper', ...more }
}

function toc(entries: TocEntry[], more: Partial<Toc> = {}): Toc {
  return { archiveVersion: '1.14', dbname: 'shop', serverVersion: '15.20', toolVersion: '15.20', encoding: 'UTF8', entries, ...more }
}

const whole = [
  entry('VIEW', 'totals'),
  entry('FUNCTION', 'price(integer)'),
  entry('TRIGGER', 'item stamp'),
  entry('FK CONSTRAINT', 'item item_owner_fkey'),
  entry('COMMENT', 'TABLE item'),
  entry('ACL', 'TABLE item'),
  entry('SEQUENCE SET', 'item_id_seq', { defn: `SELECT pg_catalog.setval('public.item_id_seq', 3000, true);` }),
]

test('the same objects are no loss, also under another database name', () => {
  const ofDatabase = (name: string, owner: string) => [...whole, entry('ACL', `DATABASE ${name}`, { schema: null, owner })]
  expect(compareSchema(toc(ofDatabase('shop', 'keeper')), toc(ofDatabase('back', 'postgres'), { dbname: 'back' }), keep)).toEqual([])
})

test.each(whole.map((one) => [one.desc, one] as const))('a %s that is gone is a loss', (_desc, gone) => {
  const losses = compareSchema(toc(whole), toc(whole.filter((one) => one !== gone)), keep)
  expect(losses).toEqual([{ object: `${gone.desc} public.${gone.tag}`, cause: expect.stringContaining('not in the restored database') }])
})

test('another owner is a loss, unless owners were left out on purpose; privileges too', () => {
  const owned = [entry('VIEW', 'totals'), entry('ACL', 'TABLE item')]
  const taken = [entry('VIEW', 'totals', { owner: 'postgres' })]
  expect(compareSchema(toc(owned), toc(taken), keep)).toHaveLength(2)
  expect(compareSchema(toc(owned), toc(taken), { dropGrants: true })).toEqual([])
})

test('a sequence with another value is a loss', () => {
  const restored = whole.map((one) => (one.desc === 'SEQUENCE SET' ? { ...one, defn: one.defn.replace('3000', '1') } : one))
  expect(compareSchema(toc(whole), toc(restored), keep)).toMatchObject([{ object: 'SEQUENCE SET public.item_id_seq' }])
})

test('privileges on the database itself, which no restore brings into an existing one, are named', () => {
  const granted = [entry('ACL', 'DATABASE shop', { schema: null })]
  expect(compareSchema(toc(granted), toc([], { dbname: 'back' }), keep)).toMatchObject([{ object: 'ACL DATABASE shop' }])
})

test('what two majors list in different ways is no loss between them', () => {
  const before = [entry('BLOB', '16385', { schema: null }), entry('SCHEMA', 'public', { schema: null }), entry('VIEW', 'totals')]
  const after = toc([entry('BLOB METADATA', '16385..16385', { schema: null })], { serverVersion: '18.6', toolVersion: '18.6' })
  expect(compareSchema(toc(before), after, keep)).toMatchObject([{ object: 'VIEW public.totals' }])
})

test('of very many losses the first are listed and the rest is counted', () => {
  const many = Array.from({ length: 2000 }, (_, n) => entry('VIEW', `v${n}`))
  const losses = compareSchema(toc(many), toc([]), keep)
  expect(losses).toHaveLength(501)
  expect(losses.at(-1)?.object).toBe('1500 more objects')
})
