import { LifeboatError } from '#lib/domain/errors.ts'
import { quoteName } from './quote-name.ts'
import { readSql } from './sql-reader.ts'
import type { Toc, TocEntry } from './toc.ts'

/**
 * How a table of a backup is built where it stands beside the live one: the statements of its own entries, with the schema's name replaced at
 * the places where pg_dump writes it. Whatever does not have exactly such a shape is left out and named, never run as it is.
 */
export interface BesideStatements {
  /** before the data, in order */
  before: string[]
  /** indexes and constraints, behind the data */
  after: string[]
  /** sequences that belong to a column, with the default of a serial one; `lastValue` null: the backup does not say */
  sequences: { name: string; column: string; lastValue: string | null; isCalled: boolean }[]
  /** `loss`: it would have stood alone, and could not be built */
  leftOut: { object: string; what: string; loss: boolean }[]
  /** types, functions and sequences that the table's own statements name and that must be there */
  needs: TocEntry[]
}

/** What hangs on a table and cannot stand alone: it names other objects, or acts on the live ones. */
const alwaysLeftOut: Readonly<Record<string, string>> = {
  'FK CONSTRAINT': 'Left out: it would tie the table to live rows.',
  TRIGGER: 'Left out: it would act when rows of the copy change.',
  POLICY: 'Left out with the privileges: nobody but the owner reads the copy.',
  'ROW SECURITY': 'Left out with the privileges: nobody but the owner reads the copy.',
  RULE: 'Left out: it may write elsewhere.',
  ACL: 'Left out: the copy belongs to the role that connects, and nobody else has a privilege on it.',
  'TABLE ATTACH': 'Left out: the copy is a table of its own, no partition of the live one.',
  'INDEX ATTACH': 'Left out: the index belongs to the copy alone.',
  'PUBLICATION TABLE': 'Left out: the copy is not published.',
  STATISTICS: 'Left out: the planner does without.',
  'SECURITY LABEL': 'Left out.',
}
const neededKinds = ['TYPE', 'DOMAIN', 'FUNCTION', 'SEQUENCE', 'COLLATION', 'EXTENSION', 'TABLE', 'OPERATOR', 'AGGREGATE'] as const

/** `into`: the schema in which the table is built under its own name. Throws `refused` where the table itself is not created in a known way. */
export async function besideStatements(toc: Toc, table: { schema: string; table: string }, into: string): Promise<BesideStatements> {
  const created = toc.entries.find((one) => one.desc === 'TABLE' && one.schema === table.schema && one.tag === table.table)
  if (created === undefined) {
    throw new LifeboatError(
      'refused',
      `The backup does not say how ${table.schema}.${table.table} was created: it belongs to an extension.`,
      'Restore the whole backup into a new database, and copy the rows from there.',
    )
  }
  const name = tableName(table.schema, table.table)
  const made: BesideStatements = { before: [], after: [], sequences: [], leftOut: [], needs: [] }
  const own = toc.entries.filter((one) => one !== created && one.dependencies.includes(created.dumpId))
  const sequences = ownSequences(toc, table.schema, own, name)

  for (const statement of await split(created.defn)) {
    const moved = move(
      statement,
      [new RegExp(`^(CREATE (?:UNLOGGED )?TABLE )${name}(?=[ (])`), new RegExp(`^(ALTER TABLE (?:ONLY )?)${name}(?= ALTER COLUMN )`)],
      into,
    )
    if (moved !== null) made.before.push(moved)
    else made.leftOut.push({ object: statement.slice(0, 120), what: 'Left out: it is not needed to hold the rows.', loss: true })
  }
  if (!made.before[0]?.startsWith('CREATE'))
    throw new LifeboatError(
      'refused',
      `${table.schema}.${table.table} is not created in a way that can be moved.`,
      'Restore the whole backup into a new database.',
    )

  for (const sequence of sequences) {
    made.before.push(...(await sequenceStatements(sequence, { name, ...table, into })))
    made.sequences.push({ name: sequence.entry.tag, column: sequence.column, ...valueOf(toc, sequence.entry) })
  }
  const done = new Set<TocEntry>(sequences.flatMap((one) => [one.entry, ...(one.ownedBy === null ? [] : [one.ownedBy])]))
  for (const entry of own) if (!done.has(entry)) await place(made, entry, { name, schema: table.schema, into, sequences })
  made.needs = needsOf(
    toc,
    [created, ...own.filter((one) => ['CONSTRAINT', 'CHECK CONSTRAINT', 'INDEX', 'DEFAULT'].includes(one.desc))],
    created,
    done,
  )
  return made
}

async function place(
  made: BesideStatements,
  entry: TocEntry,
  how: { name: string; schema: string; into: string; sequences: OwnSequence[] },
): Promise<void> {
  const { name, into } = how
  const object = `${entry.desc.toLowerCase()} ${entry.tag}`
  const fixed = alwaysLeftOut[entry.desc]
  if (fixed !== undefined) {
    made.leftOut.push({ object, what: fixed, loss: false })
    return
  }
  const shapes: Readonly<Record<string, { into: 'before' | 'after'; shape: RegExp[] }>> = {
    DEFAULT: { into: 'before', shape: [new RegExp(`^(ALTER TABLE (?:ONLY )?)${name}(?= ALTER COLUMN )`)] },
    CONSTRAINT: { into: 'after', shape: [new RegExp(`^(ALTER TABLE (?:ONLY )?)${name}(?=\\s+ADD CONSTRAINT )`)] },
    'CHECK CONSTRAINT': { into: 'after', shape: [new RegExp(`^(ALTER TABLE (?:ONLY )?)${name}(?=\\s+ADD CONSTRAINT )`)] },
    INDEX: { into: 'after', shape: [new RegExp(`^(CREATE (?:UNIQUE )?INDEX ${anyName} ON (?:ONLY )?)${name}(?= USING )`)] },
    COMMENT: { into: 'after', shape: [new RegExp(`^(COMMENT ON TABLE )${name}(?= IS )`), new RegExp(`^(COMMENT ON COLUMN )${name}(?=\\.)`)] },
  }
  const known = shapes[entry.desc]
  // rows and the values of sequences come by other ways; a view of the table is no part of it
  if (known === undefined) return
  for (const statement of await split(entry.defn)) {
    const moved = move(statement, known.shape, into)
    if (moved !== null) made[known.into].push(entry.desc === 'DEFAULT' ? withMovedSequence(moved, how) : moved)
    else if (isOf(entry, name))
      made.leftOut.push({ object: `${object}: ${statement.slice(0, 80)}`, what: 'Left out: the copy holds the rows without it.', loss: true })
  }
}

/** nextval of a sequence that moves along, in the one shape in which pg_dump writes a serial column's default. */
function withMovedSequence(statement: string, how: { schema: string; into: string; sequences: OwnSequence[] }): string {
  for (const { entry } of how.sequences) {
    const literal = new RegExp(`nextval\\('${escapeQuotes(tableName(how.schema, entry.tag))}'::regclass\\)`)
    const target = `${quoteName(how.into)}.${quoteName(entry.tag)}`.replaceAll("'", "''")
    if (literal.test(statement)) return statement.replace(literal, () => `nextval('${target}'::regclass)`)
  }
  return statement
}

interface OwnSequence {
  entry: TocEntry
  /** SEQUENCE OWNED BY; null: of an identity column */
  ownedBy: TocEntry | null
  column: string
}

/** Sequences that go with the table: those of identity columns, and those that a serial column owns. */
function ownSequences(toc: Toc, schema: string, own: readonly TocEntry[], name: string): OwnSequence[] {
  const identity = new RegExp(`^\\s*ALTER TABLE (?:ONLY )?${name} ALTER COLUMN (${anyName}) ADD GENERATED `)
  const owned = new RegExp(`^\\s*ALTER SEQUENCE ${anyName}\\.${anyName} OWNED BY ${name}\\.(${anyName});`)
  return toc.entries.flatMap((entry): OwnSequence[] => {
    if (entry.desc === 'SEQUENCE' && own.includes(entry)) {
      const column = identity.exec(entry.defn)?.[1]
      return column === undefined ? [] : [{ entry, ownedBy: null, column: bareName(column) }]
    }
    if (entry.desc !== 'SEQUENCE OWNED BY' || entry.schema !== schema) return []
    const column = owned.exec(entry.defn)?.[1]
    const sequence = toc.entries.find((one) => one.desc === 'SEQUENCE' && one.schema === entry.schema && one.tag === entry.tag)
    return column === undefined || sequence === undefined ? [] : [{ entry: sequence, ownedBy: entry, column: bareName(column) }]
  })
}

async function sequenceStatements(sequence: OwnSequence, how: { name: string; schema: string; table: string; into: string }): Promise<string[]> {
  const { entry, ownedBy } = sequence
  const own = tableName(how.schema, entry.tag)
  const statements: string[] = []
  for (const statement of await split(entry.defn)) {
    const moved =
      ownedBy === null
        ? move(statement, [new RegExp(`^(ALTER TABLE (?:ONLY )?)${how.name}(?= ALTER COLUMN )`)], how.into)?.replace(
            new RegExp(`(\\bSEQUENCE NAME )${own}(?=\\s)`),
            (_whole, head: string) => `${head}${quoteName(how.into)}.${quoteName(entry.tag)}`,
          )
        : move(statement, [new RegExp(`^(CREATE (?:UNLOGGED )?SEQUENCE )${own}(?=\\s)`)], how.into)
    if (moved !== null && moved !== undefined) statements.push(moved)
  }
  if (ownedBy !== null) {
    const owner = [how.into, how.table, sequence.column].map(quoteName).join('.')
    statements.push(`ALTER SEQUENCE ${quoteName(how.into)}.${quoteName(entry.tag)} OWNED BY ${owner};`)
  }
  return statements
}

function valueOf(toc: Toc, sequence: TocEntry): { lastValue: string | null; isCalled: boolean } {
  const set = toc.entries.find((one) => one.desc === 'SEQUENCE SET' && one.schema === sequence.schema && one.tag === sequence.tag)
  const [, value, called] = /, (-?\d{1,20}), (true|false)\);\s*$/.exec(set?.defn ?? '') ?? []
  return { lastValue: value ?? null, isCalled: called === 'true' }
}

/** Puts `into` in the place of the schema; null: the statement has none of the shapes. */
function move(statement: string, shapes: readonly RegExp[], into: string): string | null {
  for (const shape of shapes) {
    const found = shape.exec(statement)
    if (found === null) continue
    const head = found[1] ?? ''
    const behind = statement.slice(head.length)
    return `${head}${quoteName(into)}${behind.slice(lengthOfName(behind))}`
  }
  return null
}

function needsOf(toc: Toc, entries: readonly TocEntry[], created: TocEntry, own: ReadonlySet<TocEntry>): TocEntry[] {
  const ids = new Set(entries.flatMap((entry) => entry.dependencies))
  return toc.entries.filter(
    (entry) =>
      ids.has(entry.dumpId) &&
      entry !== created &&
      !own.has(entry) &&
      (neededKinds as readonly string[]).includes(entry.desc) &&
      // a partition's root, and the parent of an index
      !(entry.desc === 'TABLE'),
  )
}

async function split(defn: string): Promise<string[]> {
  const statements: string[] = []
  async function* whole() {
    yield Buffer.from(defn.endsWith('\n') ? defn : `${defn}\n`)
  }
  for await (const item of readSql(whole())) {
    if (item.kind !== 'statement')
      throw new LifeboatError('corrupt', 'The table of contents holds a definition that is no statement.', 'Nothing was restored from it.')
    statements.push(item.text)
  }
  return statements
}

function isOf(entry: TocEntry, name: string): boolean {
  return new RegExp(`${name}(?![\\w$])`).test(entry.defn)
}

/** Any name as pg_dump writes it: plain, or quoted. */
const anyName = '(?:"(?:[^"]|"")+"|[^\\s",;().]+)'

/** A pattern for `schema.table` as pg_dump writes it, whichever of the two it quotes. */
function tableName(schema: string, table: string): string {
  return `${eitherName(schema)}\\.${eitherName(table)}`
}

function eitherName(name: string): string {
  const quoted = escapePattern(quoteName(name))
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? `(?:${escapePattern(name)}|${quoted})` : quoted
}

/** Inside a string literal a quote stands twice. */
function escapeQuotes(pattern: string): string {
  return pattern.replaceAll("'", "''")
}

function lengthOfName(text: string): number {
  return new RegExp(`^${anyName}`).exec(text)?.[0].length ?? 0
}

function bareName(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
