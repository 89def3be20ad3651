import { expect, test } from 'vitest'
import { type Choosing, chooseInPlace, type InPlaceChoice } from './in-place-choose.ts'
import { Dependencies } from './in-place-closure.ts'
import { isPlatformSchema, nameOfEntry } from './in-place-entries.ts'
import type { LiveDatabase } from './in-place-live.ts'
import { LargeObjectEntries } from './toc-large-objects.ts'
import type { Toc, TocEntry } from './toc.ts'

type Short = Partial<TocEntry> & { desc: string; tag: string; oid?: number }
const toc = (entries: readonly Short[]): Toc => ({
  archiveVersion: '1.14',
  dbname: 'shop',
  serverVersion: '15.20',
  toolVersion: '15.20',
  encoding: 'UTF8',
  largeObjects: new LargeObjectEntries(),
  entries: entries.map(({ oid, ...entry }, index) => ({
    dumpId: index + 1,
    ...(oid === undefined ? {} : { address: { classOid: 1, oid } }),
    schema: 'public',
    owner: 'app',
    section: 2,
    defn: '',
    copyStatement: null,
    dependencies: [],
    filename: null,
    viaPartitionRoot: false,
    ...entry,
  })),
})
/** `from type to`: 12 n 10 is object 12, which depends normally on object 10. */
const edges = (...some: string[]): LiveDatabase['dependencies'] =>
  some.map((text) => {
    const [from, type, to] = text.split(' ')
    return { from: `1/${from}`, to: `1/${to}`, type: type ?? '' }
  })
const live = (entries: readonly Short[], change: Partial<LiveDatabase> = {}): LiveDatabase => ({
  toc: toc(entries),
  tocBytes: Buffer.alloc(0),
  dependencies: [],
  oid: 1,
  databaseBytes: 0,
  schemas: new Map([
    ['public', false],
    ['shop', true],
    ['auth', false],
  ]),
  extensions: new Map(),
  roles: new Set(['app', 'boss']),
  actsAs: new Set(['app']),
  superuser: false,
  mayCreateSchemas: true,
  isSupabase: false,
  lockCapacity: 1000,
  largeObjects: [],
  largeObjectCount: 0,
  sessions: 0,
  ...change,
})
const choose = (backup: readonly Short[], there: LiveDatabase, how: Partial<Choosing> = {}): InPlaceChoice =>
  chooseInPlace({ backup: toc(backup), live: there, dropGrants: false, dropDependents: false, ...how })
const names = (entries: readonly TocEntry[]) => entries.map(nameOfEntry)

test('what goes along with what is dropped is told from what must be dropped before', () => {
  // 10 a table, 11 its row type, 12 its index, 20 a view with its rule 21, 30 a view of that one with rule 31, 40 another table with a default on 10
  const all = new Dependencies(edges('11 i 10', '12 a 10', '21 n 10', '21 i 20', '31 n 20', '31 i 30', '41 n 10', '41 a 40'))
  const { gone, attached, dependents } = all.closure(['1/10'])
  expect([...attached].sort()).toEqual(['1/11', '1/12'])
  expect([...dependents].sort()).toEqual(['1/20', '1/30', '1/41'])
  expect(gone.has('1/40')).toBe(false)
  expect(gone.has('1/31')).toBe(true)
  expect(all.closure(['1/10', '1/20', '1/30']).dependents).toEqual(new Set(['1/41']))
})

test('a foreign key between two replaced tables goes along, whichever of them is looked at first', () => {
  const all = new Dependencies(edges('30 a 10', '30 n 20'))
  for (const order of [
    ['1/10', '1/20'],
    ['1/20', '1/10'],
  ])
    expect(all.closure(order).dependents).toEqual(new Set())
})

test('tables are replaced; a function that reads the same stays, and one that reads another way does not', () => {
  const backup: Short[] = [
    { desc: 'TABLE', tag: 'item' },
    { desc: 'FUNCTION', tag: 'same()', defn: 'one' },
    { desc: 'FUNCTION', tag: 'other()', defn: 'one' },
    { desc: 'TABLE DATA', tag: 'item', dependencies: [1] },
  ]
  const there = live([
    { desc: 'TABLE', tag: 'item', oid: 10 },
    { desc: 'FUNCTION', tag: 'same()', defn: 'one', oid: 11 },
    { desc: 'FUNCTION', tag: 'other()', defn: 'two', oid: 12 },
  ])
  const choice = choose(backup, there)
  expect(names(choice.create)).toEqual(['TABLE public.item', 'FUNCTION public.other()'])
  expect(names(choice.kept)).toEqual(['FUNCTION public.same()'])
  expect(names(choice.drop)).toEqual(['TABLE public.item', 'FUNCTION public.other()'])
  expect(names(choice.data)).toEqual(['TABLE DATA public.item'])
})

test('a function that reads the same and takes a replaced table’s row is replaced with it; other privileges make it another one', () => {
  const granted = { desc: 'ACL', tag: 'FUNCTION f()', defn: 'GRANT', dependencies: [2] }
  const backup: Short[] = [{ desc: 'TABLE', tag: 'item' }, { desc: 'FUNCTION', tag: 'f()' }, granted]
  const there = [
    { desc: 'TABLE', tag: 'item', oid: 10 },
    { desc: 'FUNCTION', tag: 'f()', oid: 12 },
  ]
  const kept = choose(backup, live([...there, granted]))
  expect(names(kept.kept)).toEqual(['FUNCTION public.f()', 'ACL public.FUNCTION f()'])
  expect(names(choose(backup, live(there)).create)).toContain('FUNCTION public.f()')
  expect(names(choose(backup, live([...there, granted], { dependencies: edges('11 i 10', '12 n 11') })).drop)).toContain('FUNCTION public.f()')
})

test('a function of which only the body is another is made over the live one; one that returns something else is dropped first', () => {
  const fn = (returns: string, body: string) => `CREATE FUNCTION public.f() RETURNS ${returns}\n    LANGUAGE sql\n    AS $$${body}$$;\n`
  const backup: Short[] = [{ desc: 'FUNCTION', tag: 'f()', defn: fn('integer', 'SELECT 1') }]
  const choice = (defn: string, change: Partial<Short> = {}) => choose(backup, live([{ desc: 'FUNCTION', tag: 'f()', oid: 10, defn, ...change }]))
  expect([names(choice(fn('integer', 'SELECT 2')).create), choice(fn('integer', 'SELECT 2')).drop]).toEqual([['FUNCTION public.f()'], []])
  expect(names(choice(fn('text', 'SELECT 2')).drop)).toEqual(['FUNCTION public.f()'])
  expect(choice(fn('integer', 'SELECT 2'), { owner: 'boss' }).notOurs).toEqual(['FUNCTION public.f() (of boss)'])
})

test('privileges that somebody else than the owner granted need a superuser', () => {
  const backup: Short[] = [
    { desc: 'TABLE', tag: 'item' },
    { desc: 'ACL', tag: 'TABLE item', dependencies: [1], defn: 'SET SESSION AUTHORIZATION x;\nGRANT SELECT ON TABLE public.item TO y;\n' },
  ]
  expect(choose(backup, live([])).grantsOfOthers).toEqual(['ACL public.TABLE item'])
  expect(choose(backup, live([], { superuser: true })).grantsOfOthers).toEqual([])
  expect(choose(backup, live([]), { dropGrants: true }).grantsOfOthers).toEqual([])
})

test('a live view of a replaced table is stuck, and is made again with its privileges where somebody chooses so; a table is not', () => {
  const backup: Short[] = [{ desc: 'TABLE', tag: 'item' }]
  const there = live(
    [
      { desc: 'TABLE', tag: 'item', oid: 10 },
      { desc: 'VIEW', tag: 'seen', oid: 20 },
      { desc: 'ACL', tag: 'TABLE seen', dependencies: [2] },
      { desc: 'TABLE', tag: 'child', oid: 30 },
      { desc: 'VIEW', tag: 'foreign', owner: 'boss', oid: 40 },
      { desc: 'TABLE', tag: 'apart', oid: 50 },
    ],
    { dependencies: edges('21 n 10', '21 i 20', '30 n 10', '40 n 10', '60 n 10') },
  )
  const stuck = (choice: InPlaceChoice) => choice.stuck.map(({ object, choice: possible }) => [object, possible])
  expect(stuck(choose(backup, there))).toEqual([
    ['VIEW public.seen', true],
    ['TABLE public.child', false],
    ['VIEW public.foreign', false],
  ])
  const chosen = choose(backup, there, { dropDependents: true })
  expect(stuck(chosen)).toEqual([
    ['TABLE public.child', false],
    ['VIEW public.foreign', false],
  ])
  expect(names(chosen.recreate)).toEqual(expect.arrayContaining(['VIEW public.seen', 'ACL public.TABLE seen']))
  expect(chosen.stuckUnnamed).toEqual(['1/60'])
  expect(names(chosen.stays)).toEqual(['TABLE public.apart'])
})

test('an index of a replaced table that the backup does not know goes with it; a partition with its rows does not', () => {
  const there = live(
    [
      { desc: 'TABLE', tag: 'item', oid: 10 },
      { desc: 'INDEX', tag: 'since', oid: 11 },
      { desc: 'TABLE', tag: 'item_9', oid: 12 },
    ],
    { dependencies: edges('11 a 10', '12 a 10') },
  )
  const choice = choose([{ desc: 'TABLE', tag: 'item' }], there, { dropDependents: true })
  expect(names(choice.goes)).toEqual(['INDEX public.since'])
  expect(choice.stuck).toMatchObject([{ object: 'TABLE public.item_9', choice: false }])
})

test('schemas of a role that one cannot act as are left alone, public is not, and Supabase’s are known by name where it is one', () => {
  const backup: Short[] = [
    { desc: 'TABLE', tag: 'users', schema: 'auth' },
    { desc: 'INDEX', tag: 'i', schema: 'auth' },
    { desc: 'TABLE', tag: 'item' },
    { desc: 'TABLE DATA', tag: 'users', schema: 'auth', dependencies: [1] },
    { desc: 'ACL', tag: 'SCHEMA auth', schema: null },
  ]
  const choice = choose(backup, live([]))
  expect(names(choice.create)).toEqual(['TABLE public.item'])
  expect(choice.data).toEqual([])
  expect(choice.leftOut.map((one) => one.object)).toEqual(['TABLE auth.users', '1 other object of schema auth'])
  expect(isPlatformSchema('storage', live([], { isSupabase: true }))).toBe(true)
  expect(isPlatformSchema('storage', live([]))).toBe(false)
  expect(isPlatformSchema('shop', live([]))).toBe(false)
})

test('what is not ours is named: owners of live objects, owners that objects would be given to, and names that another kind has', () => {
  const choice = choose(
    [
      { desc: 'TABLE', tag: 'item', owner: 'boss' },
      { desc: 'TABLE', tag: 'thing' },
      { desc: 'TABLE', tag: 'lost', owner: 'nobody' },
    ],
    live([
      { desc: 'TABLE', tag: 'item', oid: 10, owner: 'boss' },
      { desc: 'VIEW', tag: 'thing', oid: 11 },
    ]),
  )
  expect(choice.notOurs).toEqual(['TABLE public.item (of boss)'])
  expect(choice.owners).toEqual(['boss'])
  expect(choice.otherKind).toEqual(['TABLE public.thing (a view is there)'])
})

test('extensions, schemas, publications and subscriptions that are there stay as they are; their differences are named', () => {
  const backup: Short[] = [
    { desc: 'EXTENSION', tag: 'hstore', schema: null },
    { desc: 'EXTENSION', tag: 'citext', schema: null },
    { desc: 'SCHEMA', tag: 'shop', schema: null },
    { desc: 'ACL', tag: 'SCHEMA shop', schema: null, defn: 'GRANT', dependencies: [3], section: 1 },
    { desc: 'PUBLICATION', tag: 'pub', schema: null, defn: 'one' },
    { desc: 'SUBSCRIPTION', tag: 'sub', schema: null },
    { desc: 'TABLE DATA', tag: 'of_extension', dependencies: [1] },
    { desc: 'EVENT TRIGGER', tag: 'e', schema: null },
  ]
  const there = live(
    [
      { desc: 'SCHEMA', tag: 'shop', schema: null, oid: 5 },
      { desc: 'PUBLICATION', tag: 'pub', schema: null, defn: 'two', oid: 6 },
    ],
    { extensions: new Map([['hstore', '1.8']]) },
  )
  const choice = choose(backup, there)
  expect(names(choice.create)).toEqual(['EXTENSION citext', 'ACL SCHEMA shop'])
  expect(choice.drop).toEqual([])
  expect(choice.leftOut.map((one) => one.object)).toEqual([
    'PUBLICATION pub',
    'SUBSCRIPTION sub',
    'EVENT TRIGGER e',
    'TABLE DATA public.of_extension',
  ])
})
