import { LifeboatError } from '#lib/domain/errors.ts'
import { type Edit, edited, type QualifiedName, StatementReader } from './statement-reader.ts'
import { type SqlToken, sqlStatements, sqlTokens } from './sql-tokens.ts'
import { quoteName } from './quote-name.ts'
import type { TocEntry } from './toc.ts'

export interface Rewritten {
  statements: string[]
  /** of what they make in the schema */
  names: string[]
}
export interface RewriteNames {
  schema: string
  table: string
  /** the new table's */
  name: string
  /** sequences of the table: old name -> new name */
  renamed: ReadonlyMap<string, string>
  newName(old: string): string
  /** keys that were given another name, for what speaks of them later */
  constraints: Map<string, string>
}

/** CREATE TABLE and what follows it, under another name (written as SQL); without its partitioning. */
export function rewriteTable(
  entry: TocEntry,
  to: { schema: string; table: string; name: string },
): { statements: string[]; parents: { schema: string; name: string }[]; partitioned: boolean } {
  const statements: string[] = []
  const parents: { schema: string; name: string }[] = []
  let partitioned = false
  for (const tokens of sqlStatements(entry.defn)) {
    const reader = new StatementReader(tokens)
    if (reader.words('create', 'table') || reader.words('create', 'unlogged', 'table')) {
      const edit = renameTo(reader.qualified(), to, to.name)
      if (edit === null) throw unreadable(entry)
      const inherits = reader.find('inherits')
      if (inherits !== -1) parents.push(...namesIn(tokens, inherits + 1))
      const cut = reader.find('partition', 'by')
      partitioned = cut !== -1
      statements.push(edited(entry.defn, partitioned ? tokens.slice(0, cut) : tokens, [edit]))
      continue
    }
    const altered = alterTable(reader, to, to.name)
    if (altered === null) throw unreadable(entry)
    // who may read it, and what it was clustered and told apart by, concerns the live table
    if (reader.words('force') || reader.words('enable') || reader.words('cluster') || reader.words('replica')) continue
    statements.push(edited(entry.defn, tokens, [altered]))
  }
  if (statements.length === 0) throw unreadable(entry)
  return { statements, parents, partitioned }
}

/** A sequence of the table, who owns it, and a default that may speak of it. */
export function rewriteSequence(entry: TocEntry, names: RewriteNames): Rewritten | 'other' | null {
  const table = `${quoteName(names.schema)}.${quoteName(names.name)}`
  const statements: string[] = []
  const made: string[] = []
  for (const tokens of sqlStatements(entry.defn)) {
    const reader = new StatementReader(tokens)
    const edits: (Edit | null)[] = []
    if (reader.words('create', 'sequence') || reader.words('create', 'unlogged', 'sequence')) {
      const old = reader.qualified()
      edits.push(sequenceEdit(old, names))
      if (old !== null) made.push(names.renamed.get(old.name) ?? '')
    } else if (reader.words('alter', 'sequence')) {
      edits.push(sequenceEdit(reader.qualified(), names))
      if (reader.words('owned', 'by')) edits.push(renameTo(reader.qualified(), names, table))
    } else {
      const altered = alterTable(reader, names, table)
      if (altered === null) return 'other'
      edits.push(altered)
      const identity = tokens.findIndex((token, index) => token.value === 'sequence' && token.kind === 'name' && tokens[index + 1]?.value === 'name')
      if (entry.desc === 'SEQUENCE' && identity !== -1) {
        reader.goTo(identity + 2)
        edits.push(sequenceEdit(reader.qualified(), names))
      }
    }
    const known = edits.filter((edit) => edit !== null)
    if (known.length !== edits.length) return null
    statements.push(edited(entry.defn, tokens, [...known, ...(entry.desc === 'DEFAULT' ? sequenceLiterals(tokens, names) : [])]))
  }
  return { statements, names: made }
}

/** What is made when the rows are there. */
export function rewriteAfter(entry: TocEntry, names: RewriteNames): Rewritten | 'other' | null {
  const table = `${quoteName(names.schema)}.${quoteName(names.name)}`
  const statements: string[] = []
  const made: string[] = []
  for (const [index, tokens] of sqlStatements(entry.defn).entries()) {
    const reader = new StatementReader(tokens)
    const edits =
      entry.desc === 'COMMENT'
        ? commentEdits(reader, names, table)
        : index === 0
          ? firstEdits(reader, names, table, made)
          : laterEdits(reader, names, table)
    if (edits === 'skip') continue
    if (edits === null) return index === 0 && entry.desc !== 'STATISTICS' ? 'other' : null
    statements.push(edited(entry.defn, tokens, edits))
  }
  return statements.length === 0 ? 'other' : { statements, names: made }
}

function firstEdits(reader: StatementReader, names: RewriteNames, table: string, made: string[]): Edit[] | null {
  const name = (token: SqlToken): Edit => {
    made.push(names.newName(token.value))
    return { from: token.from, to: token.to, text: quoteName(names.newName(token.value)) }
  }
  if (reader.words('create', 'index') || reader.words('create', 'unique', 'index')) {
    const index = reader.name()
    if (!reader.words('on')) return null
    reader.words('only')
    const on = renameTo(reader.qualified(), names, table)
    return index === null || on === null ? null : [name(index), on]
  }
  if (reader.words('create', 'statistics')) {
    const statistics = reader.qualified()
    const from = reader.find('from')
    if (statistics === null || from === -1) return null
    reader.goTo(from + 1)
    const on = renameTo(reader.qualified(), names, table)
    if (on === null) return null
    made.push(names.newName(statistics.name))
    return [{ ...statistics, text: `${quoteName(names.schema)}.${quoteName(names.newName(statistics.name))}` }, on]
  }
  const altered = alterTable(reader, names, table)
  if (altered === null || !reader.words('add', 'constraint')) return null
  const constraint = reader.name()
  if (constraint === null) return null
  if (!(reader.words('primary') || reader.words('unique') || reader.words('exclude'))) return [altered]
  names.constraints.set(constraint.value, names.newName(constraint.value))
  return [altered, name(constraint)]
}

/** What pg_dump writes behind an index or a key: how the live table is clustered and told apart stays with it. */
function laterEdits(reader: StatementReader, names: RewriteNames, table: string): Edit[] | 'skip' | null {
  if (reader.words('alter', 'index') || reader.words('alter', 'statistics')) {
    const edit = ownEdit(reader.qualified(), names)
    return edit === null ? null : [edit]
  }
  const altered = alterTable(reader, names, table)
  if (altered === null) return null
  return reader.words('cluster') || reader.words('replica') ? 'skip' : [altered]
}

function commentEdits(reader: StatementReader, names: RewriteNames, table: string): Edit[] | null {
  if (!reader.words('comment', 'on')) return null
  if (reader.words('table') || reader.words('column')) return only(renameTo(reader.qualified(), names, table))
  if (reader.words('index') || reader.words('statistics')) return only(ownEdit(reader.qualified(), names))
  if (reader.words('sequence')) return only(sequenceEdit(reader.qualified(), names))
  if (!reader.words('constraint')) return null
  const constraint = reader.name()
  if (constraint === null || !reader.words('on')) return null
  const on = renameTo(reader.qualified(), names, table)
  if (on === null) return null
  const renamed = names.constraints.get(constraint.value)
  return renamed === undefined ? [on] : [on, { from: constraint.from, to: constraint.to, text: quoteName(renamed) }]
}

/** `nextval('public.t_id_seq'::regclass)`: the sequence that goes with the table, in a string. */
function sequenceLiterals(tokens: readonly SqlToken[], names: RewriteNames): Edit[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'string' || tokens[index + 3]?.value !== 'regclass') return []
    const spoken = new StatementReader(sqlTokens(token.value)).qualified()
    const renamed = spoken?.schema === names.schema ? names.renamed.get(spoken.name) : undefined
    if (renamed === undefined) return []
    return [{ from: token.from, to: token.to, text: `'${`${quoteName(names.schema)}.${quoteName(renamed)}`.replaceAll("'", "''")}'` }]
  })
}

function sequenceEdit(found: QualifiedName | null, names: RewriteNames): Edit | null {
  const renamed = found?.schema === names.schema ? names.renamed.get(found.name) : undefined
  return found === null || renamed === undefined ? null : { from: found.from, to: found.to, text: `${quoteName(names.schema)}.${quoteName(renamed)}` }
}

function ownEdit(found: QualifiedName | null, names: RewriteNames): Edit | null {
  if (found === null || found.schema !== names.schema) return null
  return { from: found.from, to: found.to, text: `${quoteName(names.schema)}.${quoteName(names.newName(found.name))}` }
}

function alterTable(reader: StatementReader, of: { schema: string; table: string }, text: string): Edit | null {
  if (!reader.words('alter', 'table')) return null
  reader.words('only')
  return renameTo(reader.qualified(), of, text)
}

function renameTo(found: QualifiedName | null, of: { schema: string; table: string }, text: string): Edit | null {
  if (found === null || found.schema !== of.schema || found.name !== of.table) return null
  return { from: found.from, to: found.to, text }
}

function only(edit: Edit | null): Edit[] | null {
  return edit === null ? null : [edit]
}

function namesIn(tokens: readonly SqlToken[], open: number): { schema: string; name: string }[] {
  const reader = new StatementReader(tokens)
  reader.goTo(open)
  const found: { schema: string; name: string }[] = []
  if (!reader.mark('(')) return found
  for (;;) {
    const next = reader.qualified()
    if (next === null) return found
    found.push({ schema: next.schema, name: next.name })
    reader.mark(',')
  }
}

function unreadable(entry: TocEntry): LifeboatError {
  return new LifeboatError(
    'corrupt',
    `The table of contents is damaged: the definition of ${entry.schema}.${entry.tag} is not one that pg_dump writes.`,
    'Use another copy or backup.',
  )
}
