import path from 'node:path'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { type ForeignDatabase, closeForeignDatabase, prepareForeignDatabase } from '#lib/engine/import/foreign-database.ts'
import { type Loaded, loadDump } from '#lib/engine/import/load.ts'
import type { OldFile } from '#lib/engine/import/old-file.ts'
import { dumpText } from '#lib/engine/import/open-dump.ts'
import { preflight } from '#lib/engine/postgres/preflight.ts'
import { type PrivateCluster, withPrivateCluster } from '#lib/engine/postgres/private-cluster.ts'
import type { Confinement } from '#lib/engine/process/confinement.ts'
import type { Target } from '../run/backup/fan-out.ts'
import { dumpJobs, reportBackup, takeBackup } from '../run/backup/take-backup.ts'
import type { RunContext, RunResult } from '../run-context.ts'
import { type Loss, rowsThatDidNotCome, sealedOtherRows } from './compare-rows.ts'
import type { ImportInput } from './definition.ts'
import { refusedFindings } from './findings.ts'
import type { LookedFile } from './look-at-file.ts'

export interface Sealing {
  input: ImportInput
  database: DatabaseRow
  file: OldFile
  looked: LookedFile
  how: Confinement
  targets: readonly Target[]
  /** of the database's newest backup; empty where there is none */
  settings: Partial<Manifest['settings']>
  findings: Finding[]
}

/** Encodings that a server can have; a dump in another one is converted. */
const serverEncodings = /^(?:UTF8|LATIN\d+|WIN\d+|ISO_8859_\d|KOI8[RU]|EUC_\w+|SQL_ASCII|MULE_INTERNAL)$/

/** Carries the file out on a private server, which is gone afterwards, and takes a backup of what came of it. */
export async function sealImport(context: RunContext, sealing: Sealing): Promise<RunResult> {
  const { looked, database } = sealing
  const major = Number.parseInt(looked.serverVersion ?? '', 10) || Math.floor((database.server_version_num ?? 0) / 10_000)
  context.progress({ phase: 'starting a private server' })
  const { stagingDir, applicationName, signal } = context
  // indexes may take as much as the rows, and rows more than their text
  const maximumBytes = looked.survey.bytes * 10 + 4 * 2 ** 30
  return await withPrivateCluster({ major, stagingDir, applicationName, signal, maximumBytes }, async (cluster, ending) => {
    const inside = { ...context, signal: ending }
    const foreign = await prepare(inside, sealing, cluster)
    const loaded = await loadDump(foreign, dumpText(sealing.file, { tools: context.tools, how: sealing.how, signal: ending }), {
      signal: ending,
      onBytes: meter(context, looked.survey.bytes),
    })
    await closeForeignDatabase(cluster, foreign, ending)
    const losses = rowsThatDidNotCome(looked.survey, loaded)
    assertRows(losses, loaded, sealing.input.force)
    return await seal(inside, sealing, foreign, loaded, losses)
  })
}

async function prepare(context: RunContext, sealing: Sealing, cluster: PrivateCluster): Promise<ForeignDatabase> {
  const { looked, database, settings } = sealing
  const { clientEncoding } = looked.survey.marks
  const encoding = serverEncodings.test(clientEncoding) ? clientEncoding : 'UTF8'
  const plain = encoding === 'UTF8' ? 'C.UTF-8' : 'C'
  const same = settings.server_encoding === encoding
  return await prepareForeignDatabase(cluster, {
    dbname: database.dbname,
    // what the file gives to nobody belongs to whom the registered database is reached as
    owner: database.username === '' || database.username.startsWith('pg_') ? 'postgres' : database.username,
    roles: looked.survey.roles,
    extensions: looked.survey.extensions,
    encoding,
    collate: (same ? settings.lc_collate : undefined) ?? plain,
    ctype: (same ? settings.lc_ctype : undefined) ?? plain,
    signal: context.signal,
  })
}

async function seal(context: RunContext, sealing: Sealing, foreign: ForeignDatabase, loaded: Loaded, losses: Loss[]): Promise<RunResult> {
  const { input, database, file, looked, targets } = sealing
  context.progress({ phase: 'looking at the imported database' })
  const { stagingDir, tools, signal } = context
  const { server, settings, needs, tables, findings } = await preflight(foreign.reader, {
    tools,
    stagingDir,
    signal,
    forKind: 'backup',
    jobs: dumpJobs,
  })
  const blocker = findings.find((one) => one.severity === 'blocker')
  if (server === null || settings === null || blocker !== undefined) {
    throw new LifeboatError('blocked', blocker?.message ?? 'The imported database could not be read.', blocker?.remedy ?? '', {
      detail: { findings },
    })
  }
  const origin: NonNullable<Manifest['origin']> = {
    file: path.basename(file.path),
    sha256: looked.sha256,
    bytes: file.bytes,
    format: file.format.slice(1),
    takenAt: looked.takenAt.at.toISOString(),
    takenAtFrom: looked.takenAt.from,
    refused: loaded.missing,
  }
  const taken = await takeBackup(context, {
    database,
    connection: foreign.reader,
    looked: { server, settings, needs, tables },
    tier: 'imported',
    targets,
    imported: { origin, takenAt: looked.takenAt.at },
    accept(manifest) {
      losses.push(...sealedOtherRows(manifest, loaded))
      assertRows(losses, loaded, input.force)
    },
  })
  // what was to be known before stands in the plan; what the server refused is known only now
  const seen = [...sealing.findings.filter((one) => one.code !== 'not_carried_out'), ...refusedFindings(loaded.refused, loaded.refusedCount)]
  const report = reportBackup(taken, database.name, targets, [...seen, ...rowFindings(losses), ...foreign.notes.map(noted)])
  const { statements, refused, refusedCount } = loaded
  return { ...report, result: { ...report.result, import: { ...origin, statements, refusedCount, ledger: refused, losses } } }
}

/** Rows that stand in the file and did not come are not sealed as if they had. */
function assertRows(losses: Loss[], loaded: Loaded, force: boolean): void {
  if (losses.length === 0 || force) return
  const shown = losses.slice(0, 5).map((one) => `${one.object}: ${one.cause}`)
  throw new LifeboatError(
    'blocked',
    `Rows of the file did not come: ${shown.join('; ')}${losses.length > shown.length ? ' …' : ''}.`,
    'Nothing was stored. The ledger of this operation says which statements were refused and why; --force seals what came.',
    { detail: { losses, ledger: loaded.refused } },
  )
}

function rowFindings(losses: readonly Loss[]): Finding[] {
  return losses.map((one) => ({
    severity: 'warning',
    code: 'rows_missing',
    message: `${one.object}: ${one.cause}.`,
    remedy: 'They are in the file and not in this backup.',
    overridable: false,
  }))
}

function noted(message: string): Finding {
  return { severity: 'info', code: 'collation', message, remedy: '', overridable: false }
}

function meter(context: RunContext, totalBytes: number): (count: number) => void {
  let doneBytes = 0
  return (count) => {
    doneBytes = Math.min(totalBytes, doneBytes + count)
    context.progress({ phase: 'carrying the file out', doneBytes, totalBytes })
  }
}
