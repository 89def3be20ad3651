import { LifeboatError } from '#lib/domain/errors.ts'
import { derivedName } from '#lib/domain/derived-name.ts'
import { rewriteAfter, rewriteSequence, rewriteTable, type Rewritten } from './beside-rewrite.ts'
import { leavesOf } from './partition-leaves.ts'
import { quoteName } from './quote-name.ts'
import { sqlStatements } from './sql-tokens.ts'
import { StatementReader } from './statement-reader.ts'
import type { Toc, TocEntry } from './toc.ts'

/** What pg_dump calls the things that come along, in the order in which they are made: sequences before defaults, keys after the data. */
const before = ['SEQUENCE', 'SEQUENCE OWNED BY', 'DEFAULT'] as const
const after = ['CONSTRAINT', 'CHECK CONSTRAINT', 'INDEX', 'STATISTICS', 'COMMENT'] as const

/** Of which each is left out, and why. */
const notAlone: Readonly<Record<string, string>> = {
  'FK CONSTRAINT': 'Left out: it would tie live tables to the restored one.',
  TRIGGER: 'Left out: it belongs to the live table.',
  RULE: 'Left out: it belongs to the live table.',
  POLICY: 'Left out: only the role that restores may read the new table.',
  'ROW SECURITY': 'Left out: only the role that restores may read the new table.',
  ACL: 'Left out: only the role that restores may read the new table.',
  'PUBLICATION TABLE': 'Left out: the new table is published nowhere.',
  'SECURITY LABEL': 'Left out.',
}

const words: Readonly<Record<string, string>> = { 'FK CONSTRAINT': 'foreign key', ACL: 'privileges', 'PUBLICATION TABLE': 'publication' }

export interface BesideTable {
  schema: string
  table: string
  /** of the new table */
  name: string
  /** dump ids of the entries with its rows: its own, or that of each leaf of a partitioned table */
  data: number[]
  /** its old parents by inheritance; taken off before anything is written */
  parents: { schema: string; name: string }[]
  /** in the order in which they are carried out, before and after the rows come */
  define: string[]
  complete: string[]
  /** of every new relation and statistics object, which must be free */
  names: string[]
  /** the sequences' new names, and what they are set to */
  sequences: { name: string; lastValue: bigint; isCalled: boolean }[]
  /** what its definitions speak of and what must be there */
  needs: Need[]
  /** `loss`: it would have stood alone, and could not be read */
  leftOut: { object: string; what: string; loss: boolean }[]
}
export interface Need {
  kind: 'type' | 'function' | 'collation' | 'extension' | 'relation'
  schema: string
  name: string
}

const needKinds: Readonly<Record<string, Need['kind']>> = {
  TYPE: 'type',
  DOMAIN: 'type',
  'SHELL TYPE': 'type',
  FUNCTION: 'function',
  AGGREGATE: 'function',
  COLLATION: 'collation',
  EXTENSION: 'extension',
  SEQUENCE: 'relation',
  TABLE: 'relation',
}

/**
 * The definitions of one table of a backup, made such that it can stand beside the live one: every name in the schema is another, and what
 * ties it to other objects is left out by name. Made from the texts of the table of contents, which are read word by word; what is not as
 * pg_dump writes it is left out rather than guessed. Throws `not_found` and `refused`.
 */
export function besideTable(toc: Toc, wanted: { schema: string; table: string }, suffix: string): BesideTable {
  const { schema, table } = wanted
  const own = toc.entries.find((entry) => entry.desc === 'TABLE' && entry.schema === schema && entry.tag === table)
  if (own === undefined) throw noDefinition(toc, wanted)
  const name = derivedName(table, suffix)
  const made = rewriteTable(own, { schema, table, name: qualified(schema, name) })
  const sequences = ownedSequences(toc, own, suffix)
  const renamed = new Map(sequences.map((one) => [one.entry.tag, one.name]))
  const parts = partsOf(toc, own, { schema, table, name, suffix, renamed })
  const leftOut = [...leftOutOf(toc, own), ...parts.odd]
  for (const parent of made.parents)
    leftOut.push({
      object: `inheritance from ${parent.schema}.${parent.name}`,
      what: 'Left out: the new table stands alone, with the columns that it inherited.',
      loss: false,
    })
  const leaves = made.partitioned ? leavesOf(toc, own) : []
  if (made.partitioned)
    leftOut.push({ object: 'partitioning', what: `Left out: the rows of its ${leaves.length} partitions come into one table.`, loss: false })
  const attached = toc.entries.some((entry) => entry.desc === 'TABLE ATTACH' && entry.dependencies.includes(own.dumpId) && entry.tag === table)
  if (attached) leftOut.push({ object: 'attachment as a partition', what: 'Left out: the new table stands alone.', loss: false })
  const used = [own, ...parts.entries]
  return {
    schema,
    table,
    name,
    data: dataOf(toc, made.partitioned ? leaves : [own]),
    parents: made.parents,
    define: [...made.statements, ...parts.define],
    complete: parts.complete,
    names: [name, ...sequences.map((one) => one.name), ...parts.names],
    sequences: sequences.flatMap(({ entry, name: to }) => {
      const state = toc.entries.find((one) => one.desc === 'SEQUENCE SET' && one.schema === entry.schema && one.tag === entry.tag)
      const [, value, called] = /, (-?\d{1,20}), (true|false)\);\s*$/.exec(state?.defn ?? '') ?? []
      return value === undefined ? [] : [{ name: to, lastValue: BigInt(value), isCalled: called === 'true' }]
    }),
    needs: needsOf(toc, used),
    leftOut,
  }
}

interface Names {
  schema: string
  table: string
  /** the new one */
  name: string
  suffix: string
  /** sequences of the table: old name -> new name */
  renamed: ReadonlyMap<string, string>
}

function partsOf(toc: Toc, own: TocEntry, names: Names) {
  const define: string[] = []
  const complete: string[] = []
  const made: string[] = []
  const entries: TocEntry[] = []
  const odd: BesideTable['leftOut'] = []
  const about = (entry: TocEntry) => entry.schema === names.schema && (entry.dependencies.includes(own.dumpId) || isSequence(entry, names))
  const constraints = new Map<string, string>()
  for (const desc of [...before, ...after]) {
    for (const entry of toc.entries) {
      if (entry.desc !== desc || !(about(entry) || (desc === 'COMMENT' && entry.dependencies.some((id) => entries.some((one) => one.dumpId === id)))))
        continue
      const rewritten = rewrite(entry, names, constraints)
      if (rewritten === 'other') continue
      if (rewritten === null) {
        odd.push({ object: `${desc} ${entry.tag}`, what: 'Left out: its definition cannot be read with certainty.', loss: true })
        continue
      }
      if (desc !== 'COMMENT') entries.push(entry)
      made.push(...rewritten.names)
      ;((before as readonly string[]).includes(desc) ? define : complete).push(...rewritten.statements)
    }
  }
  return { define, complete, names: made, entries, odd }
}

/** null: unreadable. 'other': of another table. */
function rewrite(entry: TocEntry, names: Names, constraints: Map<string, string>): Rewritten | 'other' | null {
  const to = { ...names, newName: (old: string) => derivedName(old, names.suffix), constraints }
  return entry.desc === 'SEQUENCE' || entry.desc === 'SEQUENCE OWNED BY' || entry.desc === 'DEFAULT'
    ? rewriteSequence(entry, to)
    : rewriteAfter(entry, to)
}

function isSequence(entry: TocEntry, names: Names): boolean {
  return (entry.desc === 'SEQUENCE' || entry.desc === 'SEQUENCE OWNED BY') && names.renamed.has(entry.tag)
}

/** Of identity columns, and those that are owned by a column: both go with the table. */
function ownedSequences(toc: Toc, own: TocEntry, suffix: string): { entry: TocEntry; name: string }[] {
  const owned = new Set(toc.entries.flatMap((entry) => (entry.desc === 'SEQUENCE OWNED BY' && isOwner(entry, own) ? [entry.tag] : [])))
  return toc.entries
    .filter((entry) => entry.desc === 'SEQUENCE' && entry.schema === own.schema && (owned.has(entry.tag) || isIdentity(entry, own)))
    .map((entry) => ({ entry, name: derivedName(entry.tag, suffix) }))
}

/** `ALTER SEQUENCE s.q OWNED BY s.t.c`: the entry depends on the sequence alone. */
function isOwner(entry: TocEntry, own: TocEntry): boolean {
  if (entry.schema !== own.schema || !entry.defn.includes(own.tag.replaceAll('"', '""'))) return false
  const reader = new StatementReader(sqlStatements(entry.defn)[0] ?? [])
  if (!reader.words('alter', 'sequence') || reader.qualified() === null || !reader.words('owned', 'by')) return false
  const owner = reader.qualified()
  return owner?.schema === own.schema && owner.name === own.tag
}

function isIdentity(entry: TocEntry, own: TocEntry): boolean {
  return entry.dependencies.includes(own.dumpId) && entry.defn.startsWith('ALTER TABLE ')
}

function dataOf(toc: Toc, tables: readonly TocEntry[]): number[] {
  return tables.flatMap((one) =>
    toc.entries.filter((entry) => entry.desc === 'TABLE DATA' && entry.schema === one.schema && entry.tag === one.tag).map((entry) => entry.dumpId),
  )
}

function leftOutOf(toc: Toc, own: TocEntry): BesideTable['leftOut'] {
  const found: BesideTable['leftOut'] = []
  if (own.owner !== null)
    found.push({ object: `owner ${own.owner}`, what: 'Left out: the new table belongs to the role that restores.', loss: false })
  for (const entry of toc.entries) {
    const what = notAlone[entry.desc]
    if (what === undefined || !entry.dependencies.includes(own.dumpId)) continue
    const incoming = entry.desc === 'FK CONSTRAINT' && !(entry.schema === own.schema && entry.tag.startsWith(`${own.tag} `))
    found.push({
      object: `${words[entry.desc] ?? entry.desc.toLowerCase()} ${entry.tag}`,
      what: incoming ? 'Stays with the live table, to which it refers.' : what,
      loss: false,
    })
  }
  return found
}

function needsOf(toc: Toc, used: readonly TocEntry[]): Need[] {
  const ids = new Set(used.flatMap((entry) => entry.dependencies))
  const known = new Set(used.map((entry) => entry.dumpId))
  const needs: Need[] = []
  for (const entry of toc.entries) {
    const kind = needKinds[entry.desc]
    if (kind === undefined || !ids.has(entry.dumpId) || known.has(entry.dumpId)) continue
    needs.push({ kind, schema: entry.schema ?? '', name: kind === 'function' ? entry.tag.slice(0, Math.max(1, entry.tag.indexOf('('))) : entry.tag })
  }
  return needs
}

export function qualified(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`
}

function noDefinition(toc: Toc, { schema, table }: { schema: string; table: string }): LifeboatError {
  const hasData = toc.entries.some((entry) => entry.desc === 'TABLE DATA' && entry.schema === schema && entry.tag === table)
  if (!hasData) return new LifeboatError('not_found', `The backup holds no table ${schema}.${table}.`, 'Look at the list of its tables.')
  return new LifeboatError(
    'refused',
    `${schema}.${table} was made by an extension: the backup has its rows, and not its definition.`,
    'Replace its rows in the live table, or restore the whole backup into a new database.',
  )
}
