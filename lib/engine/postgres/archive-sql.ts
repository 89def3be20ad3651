import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { spawnTool } from '../process/run.ts'
import { restoreError } from './restore-error.ts'
import { readSql } from './sql-reader.ts'
import { exactText } from './text-encoding.ts'
import { parseToc } from './toc.ts'

export interface ArchiveSql {
  /** private 0700 directory; what this writes below it (the text of a schema, no data) is removed */
  stagingDir: string
  /** pg_restore, from chooseTool */
  toolPath: string
  /** authenticated bytes of toc.dat */
  toc: Buffer
  signal: AbortSignal
  noOwner?: boolean
  noPrivileges?: boolean
  noTablespaces?: boolean
}

/** The statements by which pg_restore would create these entries, which must be given in the archive's order. No entry with data. */
export async function* createStatements(archive: ArchiveSql, dumpIds: readonly number[]): AsyncGenerator<string> {
  if (dumpIds.length > 0) yield* statements(archive, dumpIds, false)
}

/**
 * The statements by which pg_restore --clean would drop these entries, the last first. It writes them before it creates everything again,
 * with nothing in between that says so: so they are told by how many statements more there are.
 */
export async function* dropStatements(archive: ArchiveSql, dumpIds: readonly number[]): AsyncGenerator<string> {
  if (dumpIds.length === 0) return
  const [both, creating] = [await count(statements(archive, dumpIds, true)), await count(statements(archive, dumpIds, false))]
  let left = both - creating
  if (left === 0) return
  for await (const statement of statements(archive, dumpIds, true)) {
    yield statement
    if (--left === 0) return
  }
}

async function count(some: AsyncIterable<string>): Promise<number> {
  let counted = 0
  for await (const _ of some) counted++
  return counted
}

async function* statements(archive: ArchiveSql, dumpIds: readonly number[], clean: boolean): AsyncGenerator<string> {
  const { encoding } = parseToc(archive.toc)
  const work = await mkdtemp(join(archive.stagingDir, 'sql-'))
  try {
    const file = await writeText(archive, { work, dumpIds, clean })
    for await (const item of readSql(createReadStream(file) as AsyncIterable<Buffer>)) {
      archive.signal.throwIfAborted()
      if (item.kind === 'backslash' && /^\\(un)?restrict /.test(item.text)) continue
      if (item.kind !== 'statement') throw unexpected(item.text)
      const exact = exactText(item.bytes, encoding)
      if (exact === null) throw unreadable(item.text, encoding)
      const text = bare(exact.trim())
      if (isOurs(text)) continue
      if (endsTransaction.test(text)) throw unexpected(text)
      yield text
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function writeText(archive: ArchiveSql, part: { work: string; dumpIds: readonly number[]; clean: boolean }): Promise<string> {
  const { work } = part
  const [directory, list, file] = [join(work, 'archive'), join(work, 'list'), join(work, 'sql')]
  await mkdir(directory, { mode: 0o700 })
  await writeFile(join(directory, 'toc.dat'), archive.toc, { mode: 0o600 })
  await writeFile(list, `${part.dumpIds.join(';\n')};\n`, { mode: 0o600 })
  const args = [
    '--format=directory',
    `--use-list=${list}`,
    ...(part.clean ? ['--clean', '--if-exists'] : []),
    ...(archive.noOwner ? ['--no-owner'] : []),
    ...(archive.noPrivileges ? ['--no-privileges'] : []),
    ...(archive.noTablespaces ? ['--no-tablespaces'] : []),
    `--file=${file}`,
    directory,
  ]
  const env = { HOME: work, TMPDIR: work, PATH: '/usr/bin:/bin', LC_ALL: 'C' }
  const result = await spawnTool({ path: archive.toolPath, args, env, signal: archive.signal, graceMs: 2000 })
  if (result.code !== 0) throw restoreError(result)
  return file
}

/** Without the comments that pg_restore puts before each entry. */
function bare(text: string): string {
  return text.replace(/^(\s*--[^\n]*\n)*\s*/, '')
}

/** What pg_restore sets for a session of its own; the session that runs these statements is set already, and partly in another way. */
function isOurs(text: string): boolean {
  return sessionSetting.test(text) || /^SELECT pg_catalog\.set_config\('search_path', '', false\);?$/.test(text)
}

const sessionSetting =
  /^SET (statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|client_encoding|standard_conforming_strings|check_function_bodies|xmloption|client_min_messages|row_security) = [^;]*;?$/
/** All of it is one transaction. A statement that ended it would leave a half. */
const endsTransaction = /^(BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION)\b/i

/** Sent with other letters than it was written with, it would create something else, and a comparison made the same way would not see it. */
function unreadable(text: string, encoding: string): LifeboatError {
  return new LifeboatError(
    'refused',
    `The backup is in ${encoding}, and a statement of it has letters that cannot be read for certain.`,
    'Restore the whole backup into a new database, on a server of its own major or a newer one.',
    { detail: { statement: bare(text).slice(0, 200) } },
  )
}

function unexpected(text: string): LifeboatError {
  return new LifeboatError(
    'corrupt',
    'The table of contents leads to a statement that no schema has.',
    'Nothing was changed. Use another backup, and find out how this one came about.',
    { detail: { statement: text.slice(0, 200) } },
  )
}
