import { expect, test } from 'vitest'
import { LargeObjectEntries, largeObjectOf } from '#lib/engine/postgres/toc-large-objects.ts'
import type { Toc, TocEntry } from '#lib/engine/postgres/toc.ts'
import { compareDefinitions } from './compare-definitions.ts'
import { compareSchema, judgeDiffering } from './compare-schema.ts'

const keep = { dropGrants: false, databaseApart: false }

function entry(desc: string, tag: string, more: Partial<TocEntry> = {}): TocEntry {
  const rest = { dumpId: 1, section: 2, defn: '', copyStatement: null, dependencies: [], filename: null, viaPartitionRoot: false }
  return { ...rest, desc, tag, schema: 'public', owner: 'keeper', ...more }
}

function toc(all: TocEntry[], more: Partial<Toc> = {}): Toc {
  const largeObjects = new LargeObjectEntries()
  const entries = all.filter((one) => {
    const oid = largeObjectOf(one)
    if (oid !== null) largeObjects.add(one, oid)
    return oid === null
  })
  return { archiveVersion: '1.14', dbname: 'shop', serverVersion: '15.20', toolVersion: '15.20', encoding: 'UTF8', entries, largeObjects, ...more }
}

/** A large object as pg_dump lists it, with privileges and a comment. */
function picture(oid: number, { owner = 'keeper', comment = 'a cat', grantee = 'reader' } = {}): TocEntry[] {
  const about = { schema: null, owner, section: 1 }
  return [
    entry('BLOB', String(oid), { schema: null, owner }),
    entry('ACL', `LARGE OBJECT ${oid}`, { ...about, defn: `GRANT SELECT ON LARGE OBJECT ${oid} TO ${grantee};` }),
    entry('COMMENT', `LARGE OBJECT ${oid}`, { ...about, defn: `COMMENT ON LARGE OBJECT ${oid} IS '${comment}';` }),
  ]
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
  expect(compareSchema(toc(ofDatabase('shop', 'keeper')), toc(ofDatabase('back', 'postgres'), { dbname: 'back' }), keep)).toEqual({
    losses: [],
    differing: [],
  })
})

test.each(whole.map((one) => [one.desc, one] as const))('a %s that is gone is a loss', (_desc, gone) => {
  const { losses } = compareSchema(toc(whole), toc(whole.filter((one) => one !== gone)), keep)
  expect(losses).toEqual([{ object: `${gone.desc} public.${gone.tag}`, cause: expect.stringContaining('not in the restored database') }])
})

test('another owner is a loss, unless owners were left out on purpose; privileges too', () => {
  const owned = [entry('VIEW', 'totals'), entry('ACL', 'TABLE item')]
  const taken = [entry('VIEW', 'totals', { owner: 'postgres' })]
  expect(compareSchema(toc(owned), toc(taken), keep).losses).toHaveLength(2)
  expect(compareSchema(toc(owned), toc(taken), { ...keep, dropGrants: true }).losses).toEqual([])
})

test('a sequence with another value is a loss', () => {
  const restored = whole.map((one) => (one.desc === 'SEQUENCE SET' ? { ...one, defn: one.defn.replace('3000', '1') } : one))
  expect(compareSchema(toc(whole), toc(restored), keep).losses).toMatchObject([{ object: 'SEQUENCE SET public.item_id_seq' }])
})

test('privileges on the database itself are named where the backup holds them in its table of contents only', () => {
  const granted = toc([entry('ACL', 'DATABASE shop', { schema: null })])
  const back = toc([], { dbname: 'back' })
  expect(compareSchema(granted, back, keep).losses).toMatchObject([{ object: 'ACL DATABASE shop' }])
  expect(compareSchema(granted, back, { ...keep, databaseApart: true }).losses).toEqual([])
})

test('of two objects of one name both must be there', () => {
  const both = [entry('OPERATOR', '===', { defn: 'of integers' }), entry('OPERATOR', '===', { defn: 'of texts' })]
  expect(compareSchema(toc(both), toc(both.toReversed()), keep)).toEqual({ losses: [], differing: [] })
  expect(compareSchema(toc(both), toc(both.slice(1)), keep).losses).toMatchObject([{ object: 'OPERATOR public.===' }])
})

test('a definition that reads differently is no loss by itself: a second load decides whether it was rewritten or changed', () => {
  const objects = ['rewritten', 'changed', 'not loaded twice'].map((tag) => entry('VIEW', tag, { defn: 'as it was' }))
  const restored = toc(objects.map((one) => ({ ...one, defn: 'as it is now' })))
  const { losses, differing } = compareSchema(toc(objects), restored, keep)
  expect(losses).toEqual([])
  const fresh = toc([entry('VIEW', 'rewritten', { defn: 'as it is now' }), entry('VIEW', 'changed', { defn: 'as it should be' })])
  expect(judgeDiffering(differing, restored, fresh, keep)).toMatchObject({
    rewritten: [{ object: 'VIEW public.rewritten' }],
    changed: [{ object: 'VIEW public.changed' }],
    undecided: [{ object: 'VIEW public.not loaded twice' }],
  })
})

test('a definition that reads differently and that no second load explains is a loss with the reason: what is not known is not complete', async () => {
  const context = { signal: new AbortController().signal }
  const [before, now] = [toc([entry('VIEW', 'totals', { defn: 'as it was' })]), toc([entry('VIEW', 'totals', { defn: 'as it is now' })])]
  const { differing } = compareSchema(before, now, keep)
  const refused = () => Promise.reject(new Error('permission denied to create database'))
  expect(await compareDefinitions(context, differing, now, keep, refused)).toEqual({
    losses: [{ object: 'VIEW public.totals', cause: expect.stringMatching(/could not be found out: permission denied/) }],
    findings: [],
  })
  const leftOut = () => Promise.resolve({ toc: toc([]), findings: [] })
  expect((await compareDefinitions(context, differing, now, keep, leftOut)).losses).toMatchObject([{ object: 'VIEW public.totals' }])
  const rewritten = await compareDefinitions(context, differing, now, keep, () => Promise.resolve({ toc: now, findings: [] }))
  expect(rewritten).toMatchObject({ losses: [], findings: [{ code: 'definitions_rewritten' }] })
})

test('what two majors list in different ways is no loss between them', () => {
  const before = [entry('BLOB', '16385', { schema: null }), entry('SCHEMA', 'public', { schema: null }), entry('VIEW', 'totals')]
  const after = toc([entry('BLOB METADATA', '16385..16385', { schema: null })], { serverVersion: '18.6', toolVersion: '18.6' })
  expect(compareSchema(toc(before), after, keep).losses).toMatchObject([{ object: 'VIEW public.totals' }])
})

test('a large object that is gone, or has another owner, is named among thousands; one more in the restored database is none', () => {
  const oids = Array.from({ length: 3000 }, (_, n) => 16_385 + n)
  const whole = oids.flatMap((oid) => picture(oid))
  expect(compareSchema(toc(whole), toc([...picture(70_000), ...whole.toReversed()]), keep)).toEqual({ losses: [], differing: [] })
  const without = oids.filter((oid) => oid !== 17_000).flatMap((oid) => picture(oid, oid === 18_000 ? { owner: 'postgres' } : {}))
  expect(compareSchema(toc(whole), toc(without), keep).losses.map(({ object }) => object)).toEqual([
    'BLOB 17000',
    'ACL LARGE OBJECT 17000',
    'COMMENT LARGE OBJECT 17000',
    'BLOB 18000',
    'ACL LARGE OBJECT 18000',
    'COMMENT LARGE OBJECT 18000',
  ])
})

test('privileges and comment of a large object that are gone are losses; ones that read differently are told', () => {
  const pictures = [...picture(1), ...picture(2), ...picture(3)]
  const bare = [...picture(1).slice(0, 1), ...picture(2, { comment: 'a dog' }), ...picture(3, { grantee: 'public' })]
  const { losses, differing } = compareSchema(toc(pictures), toc(bare), keep)
  expect(losses.map(({ object }) => object)).toEqual(['ACL LARGE OBJECT 1', 'COMMENT LARGE OBJECT 1'])
  expect(differing.map(({ object }) => object)).toEqual(['COMMENT LARGE OBJECT 2', 'ACL LARGE OBJECT 3'])
  expect(judgeDiffering(differing, toc(bare), toc([]), keep)).toMatchObject({ changed: [], undecided: [{}, {}] })
  expect(compareSchema(toc(pictures), toc(bare), { ...keep, dropGrants: true }).losses.map(({ object }) => object)).toEqual([
    'COMMENT LARGE OBJECT 1',
  ])
})

test('of very many losses the first are listed and the rest is counted', () => {
  const many = Array.from({ length: 2000 }, (_, n) => entry('VIEW', `v${n}`))
  const { losses } = compareSchema(toc(many), toc([]), keep)
  expect(losses).toHaveLength(501)
  expect(losses.at(-1)?.object).toBe('1500 more objects')
})

test('privileges that two roles which became one had from each other are gone in a second load too, and so are no loss; others are', () => {
  const mapped = { ...keep, rolesMapped: true }
  const privileges = [entry('ACL', 'TABLE item'), entry('ACL', 'TABLE bill')]
  const { losses, differing } = compareSchema(toc(privileges), toc([]), mapped)
  expect([losses, differing.length]).toEqual([[], 2])
  const judged = judgeDiffering(differing, toc([]), toc([entry('ACL', 'TABLE bill')]), mapped)
  expect(judged).toMatchObject({ rewritten: [{ object: 'ACL public.TABLE item' }], changed: [{ object: 'ACL public.TABLE bill' }], undecided: [] })
  expect(compareSchema(toc(privileges), toc([]), keep).losses).toHaveLength(2)
})
