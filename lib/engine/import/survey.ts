import { LifeboatError } from '#lib/domain/errors.ts'
import { type SqlItem, readSql } from '../postgres/sql-reader.ts'
import { type DumpMarks, MarkReader } from './dump-marks.ts'
import { rolesIn } from './named-roles.ts'
import { bare, meant, name, targetOf } from './sql-names.ts'
import { ruleFor } from './statement-rules.ts'

/** A table of which the file holds rows as COPY blocks. */
export interface SurveyedTable {
  /** null where the file does not say it */
  schema: string | null
  table: string
  rows: number
  bytes: number
}

/** A statement or command that is not carried out. */
export interface LedgerEntry {
  line: number
  /** its beginning, without values */
  statement: string
  reason: string
  /** false: nothing is missing for it */
  matters: boolean
}

export interface Survey {
  marks: DumpMarks
  /** of the text */
  bytes: number
  statements: number
  inserts: number
  tables: SurveyedTable[]
  roles: string[]
  extensions: { name: string; schema: string | null }[]
  /** what no server is asked to do; the first 500 */
  refused: LedgerEntry[]
  refusedCount: number
}

const keptEntries = 500
const maximumRoles = 1000
/** Commands of psql that change nothing of what is restored. */
const harmless = /^\\(?:!|\?|(?:echo|qecho|warn|set|unset|pset|timing|errverbose)\b)/

/**
 * Reads a dump to its end without carrying anything out: what it holds, whom it names, and what of it would be refused. Throws `corrupt` where it is
 * cut off or damaged and `refused` where it is for more than one database; `detail.read` then says what could be read.
 */
export async function surveyDump(text: AsyncIterable<Buffer>, onBytes: (bytes: number) => void): Promise<Survey> {
  const reader = new MarkReader()
  const survey = new Surveying()
  try {
    for await (const item of readSql(reader.through(text))) {
      await survey.add(item)
      onBytes(reader.bytes)
    }
    const marks = reader.marks()
    if (marks.byPgDump && !marks.ended) {
      throw new LifeboatError(
        'corrupt',
        'The dump is cut off: the line that pg_dump writes at its very end is missing.',
        'Nothing was imported. Use another copy of the file.',
      )
    }
    return { ...survey.found(), marks, bytes: reader.bytes }
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
    const { tables, statements } = survey.found()
    const rows = tables.reduce((sum, one) => sum + one.rows, 0)
    throw new LifeboatError(error.code, `${error.message} Up to there it holds ${rows} rows of ${tables.length} tables.`, error.hint, {
      cause: error,
      detail: { ...error.detail, read: { statements, tables: tables.slice(0, keptEntries) } },
    })
  }
}

class Surveying {
  readonly #tables = new Map<string, SurveyedTable>()
  readonly #roles = new Set<string>()
  readonly #extensions = new Map<string, { name: string; schema: string | null }>()
  readonly #refused: LedgerEntry[] = []
  #refusedCount = 0
  #statements = 0
  #inserts = 0

  async add(item: SqlItem): Promise<void> {
    if (item.kind === 'backslash') {
      const entry = backslashEntry(item)
      if (entry !== null) this.#refuse(entry)
      return
    }
    this.#statements += 1
    if (item.kind === 'copy') return await this.#count(item)
    if (/^INSERT\b/i.test(item.text)) {
      this.#inserts += 1
      return
    }
    for (const role of rolesIn(item.text)) if (this.#roles.size < maximumRoles) this.#roles.add(role)
    const extension = extensionIn(item.text)
    if (extension !== null) this.#extensions.set(extension.name, extension)
    const rule = ruleFor(item.text)
    if (rule.act === 'refuse') this.#refuse({ line: item.line, statement: beginningOf(item.text), reason: rule.reason, matters: true })
  }

  found(): Omit<Survey, 'marks' | 'bytes'> {
    return {
      statements: this.#statements,
      inserts: this.#inserts,
      tables: [...this.#tables.values()],
      roles: [...this.#roles],
      extensions: [...this.#extensions.values()],
      refused: this.#refused,
      refusedCount: this.#refusedCount,
    }
  }

  async #count(item: SqlItem & { kind: 'copy' }): Promise<void> {
    const target = targetOf(item.text) ?? { schema: null, table: beginningOf(item.text) }
    const key = keyOf(target)
    const table = this.#tables.get(key) ?? { ...target, rows: 0, bytes: 0 }
    this.#tables.set(key, table)
    for await (const piece of item.data) {
      table.bytes += piece.length
      for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) table.rows += 1
    }
  }

  #refuse(entry: LedgerEntry): void {
    this.#refusedCount += 1
    if (this.#refused.length < keptEntries) this.#refused.push(entry)
  }
}

export function keyOf(target: { schema: string | null; table: string }): string {
  return JSON.stringify([target.schema, target.table])
}

/** What a command of psql becomes in the ledger; null: nothing is said of it. Throws `refused` for one that changes the database. */
export function backslashEntry(item: { text: string; line: number }): LedgerEntry | null {
  if (/^\\c(?:onnect)?\b/.test(item.text)) {
    throw new LifeboatError(
      'refused',
      `Line ${item.line} goes on in another database (\\connect): the file is of pg_dumpall, or of pg_dump --create.`,
      'Nothing was imported. Cut the part of one database out of it, without the \\connect, and import that.',
      { detail: { line: item.line } },
    )
  }
  if (/^\\(?:un)?restrict\b/.test(item.text)) return null
  return { line: item.line, statement: item.text.slice(0, 100), reason: 'a command of psql; they are left out', matters: !harmless.test(item.text) }
}

/** The first line of a statement, without the values of an INSERT. */
export function beginningOf(statement: string): string {
  const text = bare(statement)
  const line = /^INSERT\b/i.test(text) ? (text.split(/\bVALUES\b|\(/i)[0] ?? '') : (text.split('\n')[0] ?? '')
  return line.trim().slice(0, 160)
}

const extension = new RegExp(String.raw`^CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(${name})(?:\s+(?:WITH\s+)?SCHEMA\s+(${name}))?`, 'i')

function extensionIn(statement: string): { name: string; schema: string | null } | null {
  const [, written, schema] = extension.exec(bare(statement)) ?? []
  return written === undefined ? null : { name: meant(written), schema: schema === undefined ? null : meant(schema) }
}
