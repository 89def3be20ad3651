import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError, asLifeboatError } from '#lib/domain/errors.ts'
import { spawnTool } from '../process/run.ts'
import type { Connection } from './connection.ts'
import { terminateBackends } from './database.ts'
import { type Source, loadData } from './restore-data.ts'
import { feedStatements } from './feed-statements.ts'
import { restoreError } from './restore-error.ts'
import { StallWatch } from './stall.ts'
import { type Toc, type TocEntry, parseToc, tableData } from './toc.ts'
import { quotedConninfo, withToolEnv } from './tool-env.ts'

export interface RestoreOptions {
  /** private 0700 directory for the table of contents and the password file; emptied afterwards */
  stagingDir: string
  /** pg_restore, from chooseTool */
  toolPath: string
  /** authenticated bytes of toc.dat */
  toc: Buffer
  /** dump id -> its authenticated plaintext; asked for when its table is loaded, at most `jobs` at once, in this order */
  entries: Map<number, Source>
  /** the packed large objects (large-objects.ts); null where the backup has none */
  largeObjects: Source | null
  jobs: number
  signal: AbortSignal
  /** the manifest's session settings */
  settings?: Record<string, string>
  noOwner?: boolean
  noPrivileges?: boolean
  /** everything into the default tablespace */
  noTablespaces?: boolean
  /** definitions are fed statement by statement over a session of ours: for a server that is older than what pg_restore speaks to */
  byStatements?: boolean
  /** no byte moved and no step finished for so long: ended; default 6 h, as building an index moves no byte */
  stallMs?: number
  onProgress?(progress: RestoreProgress): void
  /** brings the data instead of `entries` and `largeObjects`, of a table of contents that has none */
  load?(load: { signal: AbortSignal; onBytes: (count: number) => void; onTable: () => void }): Promise<void>
  /** what is safe when it fails, for hints; default: the backup */
  untouched?: string
}
export interface RestoreProgress {
  phase: 'schema' | 'data' | 'indexes'
  tablesDone: number
  tablesTotal: number
  rawBytes: number
}

/**
 * Restores into the existing, empty database that `conn` names, in three steps: pg_restore of what stands before the data, the data over
 * sessions of our own, pg_restore of everything else (sequence values, indexes, constraints, triggers, comments, privileges, event triggers).
 * pg_restore with the fixes of 15.20 reads nothing but regular files, so this is how plaintext stays off the disk: it sees the table of
 * contents only. Resolves when both ended with 0 (--exit-on-error, always) and every table was committed.
 * On abort or error the process group is killed and server backends of this application_name are terminated.
 */
export async function restoreArchive(conn: Connection, options: RestoreOptions): Promise<{ tables: number; rawBytes: number }> {
  const toc = parseToc(options.toc)
  const tables = tablesOf(toc, options.entries)
  const work = await mkdtemp(join(options.stagingDir, 'restore-'))
  const stop = new AbortController()
  const stall = new StallWatch(options.stallMs ?? 6 * 3600_000, 'The restore', stop)
  const signal = AbortSignal.any([options.signal, stop.signal])
  const progress: RestoreProgress = { phase: 'schema', tablesDone: 0, tablesTotal: tables.length, rawBytes: 0 }
  const tell = (change: Partial<RestoreProgress>) => {
    stall.touch()
    Object.assign(progress, change)
    options.onProgress?.({ ...progress })
  }
  try {
    const archive = join(work, 'archive')
    await mkdir(archive, { mode: 0o700 })
    await writeFile(join(archive, 'toc.dat'), options.toc, { mode: 0o600 })
    const run = (name: string, part: { entries: (entry: TocEntry) => boolean; largeObjects: (section: number) => boolean }, jobs: number) => {
      const dumpIds = [...idsOf(toc.entries.filter(part.entries)), ...toc.largeObjects.dumpIds(part.largeObjects)]
      return runPart(conn, { ...options, signal }, { work, archive, name, dumpIds, jobs })
    }

    tell({ phase: 'schema' })
    await run('before', { entries: (entry) => isBefore(entry.section), largeObjects: isBefore }, 1)
    tell({ phase: 'data' })
    const onBytes = (count: number) => tell({ rawBytes: progress.rawBytes + count })
    const onTable = () => tell({ tablesDone: progress.tablesDone + 1 })
    const { largeObjects, jobs } = options
    if (options.load) await options.load({ signal, onBytes, onTable })
    else await loadData(conn, { toc, tables, largeObjects, jobs, signal, settings: sessionSettings(options.settings), onBytes, onTable })
    tell({ phase: 'indexes' })
    const isAfter = (section: number) => !isBefore(section)
    await run('after', { entries: (entry) => isAfter(entry.section) && !isLoaded(entry), largeObjects: isAfter }, options.jobs)
    return { tables: progress.tablesDone, rawBytes: progress.rawBytes }
  } catch (error) {
    await terminateBackends(conn, conn.applicationName).catch(() => 0)
    throw asLifeboatError(error)
  } finally {
    stall.close()
    await rm(work, { recursive: true, force: true })
  }
}

export interface SchemaOptions
  extends Pick<RestoreOptions, 'stagingDir' | 'toolPath' | 'toc' | 'signal' | 'noOwner' | 'noPrivileges' | 'noTablespaces' | 'byStatements'> {}

/**
 * Restores what has no data of its own into the existing, empty database that `conn` names: for comparing definitions. Left out are large
 * objects, and subscriptions, with which a database could not be dropped again.
 */
export async function restoreSchema(conn: Connection, options: SchemaOptions): Promise<void> {
  const work = await mkdtemp(join(options.stagingDir, 'schema-'))
  try {
    const archive = join(work, 'archive')
    await mkdir(archive, { mode: 0o700 })
    await writeFile(join(archive, 'toc.dat'), options.toc, { mode: 0o600 })
    const dumpIds = idsOf(parseToc(options.toc).entries.filter(hasNoData))
    await runPart(conn, options, { work, archive, name: 'schema', dumpIds, jobs: 1 })
  } catch (error) {
    options.signal.throwIfAborted()
    throw asLifeboatError(error)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

function hasNoData(entry: TocEntry): boolean {
  if (/^(TABLE DATA|BLOB.*|SEQUENCE SET|MATERIALIZED VIEW DATA|STATISTICS DATA|SUBSCRIPTION.*)$/.test(entry.desc)) return false
  return !(['ACL', 'COMMENT', 'SECURITY LABEL'].includes(entry.desc) && /^(LARGE OBJECT|SUBSCRIPTION) /.test(entry.tag))
}

/** Those that COPY text depends on and that the archive itself does not set. */
export function sessionSettings(settings: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(['TimeZone', 'bytea_output', 'lc_monetary'].flatMap((name) => (settings[name] ? [[name, settings[name]]] : [])))
}

/** Schema without privileges, comments and labels: those come last, as a whole restore has them too (a revoked INSERT would stop the data). */
function isBefore(section: number): boolean {
  return section === 2
}

function idsOf(entries: readonly TocEntry[]): number[] {
  return entries.map((entry) => entry.dumpId)
}

/** What loadData brings instead of pg_restore. */
function isLoaded(entry: TocEntry): boolean {
  return entry.desc === 'TABLE DATA' || entry.desc === 'BLOBS'
}

function tablesOf(toc: Toc, entries: RestoreOptions['entries']): { entry: TocEntry; source: Source }[] {
  const wanted = new Map(tableData(toc).map((entry) => [entry.dumpId, entry]))
  const absent = [...wanted.values()].find((entry) => !entries.has(entry.dumpId))
  if (absent)
    throw new LifeboatError('missing', `The backup has no data for ${absent.schema}.${absent.tag}.`, 'Nothing was restored. Use another copy.')
  return [...entries].flatMap(([dumpId, source]) => {
    const entry = wanted.get(dumpId)
    return entry ? [{ entry, source }] : []
  })
}

/** One pg_restore over a chosen list of entries. */
async function runPart(
  conn: Connection,
  options: SchemaOptions & Pick<RestoreOptions, 'settings' | 'untouched'>,
  part: { work: string; archive: string; name: string; dumpIds: readonly number[]; jobs: number },
): Promise<void> {
  if (part.dumpIds.length === 0) return
  if (options.byStatements) return feedStatements(conn, options, part.dumpIds)
  const list = join(part.work, `${part.name}.list`)
  await writeFile(list, `${part.dumpIds.join(';\n')};\n`, { mode: 0o600 })
  const args = [
    '--format=directory',
    `--jobs=${Math.max(1, part.jobs)}`,
    '--exit-on-error',
    '--no-password',
    `--use-list=${list}`,
    ...(options.noOwner ? ['--no-owner'] : []),
    ...(options.noPrivileges ? ['--no-privileges'] : []),
    ...(options.noTablespaces ? ['--no-tablespaces'] : []),
    `--dbname=${quotedConninfo(conn.dbname)}`,
    part.archive,
  ]
  const settings = sessionSettings(options.settings)
  await withToolEnv(
    conn,
    part.work,
    async ({ env }) => {
      const result = await spawnTool({ path: options.toolPath, args, env, signal: options.signal, graceMs: 2000 })
      if (result.code !== 0) throw restoreError(result, options.untouched)
    },
    settings,
  )
}
