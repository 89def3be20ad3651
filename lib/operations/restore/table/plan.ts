import type { BackupRow } from '#lib/catalog/backups.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { recoveryTimes } from '#lib/catalog/recovery-times.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Finding, isBlocked, type Plan, type RowComparison } from '#lib/domain/plan.ts'
import { estimateFrom } from '#lib/domain/recovery-times.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupTable } from '#lib/engine/postgres/backup-table.ts'
import { type LiveFacts, readLiveFacts } from '#lib/engine/postgres/beside-facts.ts'
import { compareRows } from '#lib/engine/postgres/compare-rows.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { planReplace } from '#lib/engine/postgres/replace-plan.ts'
import type { RunContext } from '../../run-context.ts'
import { aboutBackup } from '../about-backup.ts'
import type { ChosenCopy } from '../choose-copy.ts'
import type { TableRestore } from '../definition.ts'
import { fetchCopy } from '../fetch.ts'
import { blocker } from '../findings.ts'
import { aboutSafety, planSafety } from '../plan-safety.ts'
import type { VerifiedSafety } from '../require-safety.ts'
import { dataEntry, type PreparedTable, prepareTable, tablesOf, tocEntry } from './prepare.ts'
import { besideFindings, serverFindings } from './findings.ts'

interface Options {
  input: TableRestore
  backup: BackupRow
  database: DatabaseRow
  connection: Connection
  copy: ChosenCopy
  copyFindings: Finding[]
  safety: VerifiedSafety | null
}

/**
 * The plan of one table. Fetches the table of contents, and the table's rows where they are held against the live ones; reads the target's
 * catalogues; writes nothing anywhere.
 */
export async function planTable(context: RunContext, options: Options): Promise<{ plan: Plan; prepared: PreparedTable }> {
  const begun = Date.now()
  const { input, copy, database, connection } = options
  const { manifest } = copy
  const toc = tocEntry(manifest)
  const fetched = await fetchCopy(context, copy, input.way === 'replace' ? [toc, dataEntry(manifest, input)] : [toc])
  const prepared = await prepareTable(input, fetched)
  const findings = [...options.copyFindings, ...aboutBackup(options.backup, copy, 'table')]
  const looked = await look(context, { ...options, prepared, tables: tablesOf(prepared, fetched), findings })
  const safety = input.way === 'replace' ? await planSafety(context.catalog, database, database.size_bytes) : null
  if (safety !== null) findings.push(...(options.safety === null ? safety.findings : [aboutSafety(options.safety)]))
  const { schema, table, way } = input
  const times = await recoveryTimes(context.catalog, { databaseId: options.backup.database_id, kind: 'restore', scope: 'table', way, schema, table })
  const plan: Plan = {
    blocked: isBlocked(findings, input.force),
    findings,
    steps: [...(safety?.steps ?? []), ...stepsOf(input, copy, prepared)],
    ...estimateFrom(times),
    tables: [{ schema, table, rows: prepared.rows, rawBytes: prepared.rawBytes, action: way }],
    bytesRead: fetched.bytesRead,
    seconds: (Date.now() - begun) / 1000,
    target: {
      host: connection.host,
      port: connection.port,
      dbname: connection.dbname,
      systemIdentifier: looked.facts?.systemIdentifier ?? null,
      oid: looked.facts?.oid ?? null,
      inRecovery: looked.facts?.inRecovery ?? false,
      serverVersion: looked.facts?.version ?? 'unknown',
    },
    dependencies: looked.dependencies,
    rows: looked.rows,
    safety: safety?.safety ?? null,
  }
  return { plan, prepared }
}

interface Looked {
  facts: LiveFacts | null
  dependencies: Plan['dependencies']
  rows: RowComparison | null
}

async function look(
  context: RunContext,
  options: Options & { prepared: PreparedTable; tables: BackupTable[]; findings: Finding[] },
): Promise<Looked> {
  const { input, connection, prepared, findings } = options
  const { beside } = prepared
  const { stagingDir, signal } = context
  try {
    const facts = await readLiveFacts(connection, { schema: input.schema, names: beside?.names ?? [], needs: beside?.needs ?? [] }, signal)
    findings.push(...serverFindings(facts, options.copy.manifest.versions))
    if (beside !== null) {
      findings.push(...besideFindings(facts, prepared, options.tables, input))
      return { facts, dependencies: beside.leftOut.map(({ object, what }) => ({ object, what })), rows: null }
    }
    const [backup] = options.tables
    if (backup === undefined) throw new Error('a table that is replaced has one entry')
    const replace = await planReplace(connection, { backup, rows: input.rows, stagingDir, signal })
    findings.push(...replace.findings)
    // both tables are read for it: only where somebody looks at it
    const rows = replace.oid === null || !context.dryRun ? null : await compare(context, { backup, connection, findings })
    if (rows !== null) findings.push(...aboutRows(rows, input))
    return { facts, dependencies: replace.dependencies, rows }
  } catch (error) {
    signal.throwIfAborted()
    const known = asLifeboatError(error)
    if (known.code === 'corrupt' || known.code === 'missing') throw error
    findings.push(blocker(known.code, `The live database: ${known.message}`, known.hint))
    return { facts: null, dependencies: [], rows: null }
  }
}

/** null: rows are hidden from this role as long as nothing is written (row security that is forced on the owner as well). */
async function compare(
  { stagingDir, signal }: RunContext,
  options: { backup: BackupTable; connection: Connection; findings: Finding[] },
): Promise<RowComparison | null> {
  try {
    return await compareRows(options.connection, { backup: options.backup, stagingDir, signal })
  } catch (error) {
    const known = asLifeboatError(error)
    if (known.code !== 'row_security') throw error
    const remedy = 'The owner may replace them nevertheless. To see what would change, look with a role that has BYPASSRLS.'
    options.findings.push({ severity: 'warning', code: 'rows_not_compared', message: known.message, remedy, overridable: true })
    return null
  }
}

function aboutRows(rows: RowComparison, input: TableRestore): Finding[] {
  const { onlyBackup, onlyLive, different, same } = rows
  const counts = `${formatCount(onlyBackup, 'row')} only in the backup, ${formatCount(onlyLive, 'row')} only live, ${formatCount(different, 'row')} different, ${formatCount(same, 'row')} the same.`
  const goes = input.rows === 'all' && onlyLive > 0
  return [
    {
      severity: goes ? 'warning' : 'info',
      code: 'rows_compared',
      message: `Held against the live table: ${counts}`,
      remedy: goes
        ? `${formatCount(onlyLive, 'row')} that ${onlyLive === 1 ? 'is' : 'are'} only live will be gone. To keep them, bring back only the missing or the changed rows.`
        : '',
      overridable: true,
    },
  ]
}

const bringing = {
  all: 'put the backup’s rows in the place of all rows',
  missing: 'bring back the rows that are missing',
  changed: 'bring back the rows that were changed',
  missing_and_changed: 'bring back the rows that are missing or were changed',
} satisfies Record<TableRestore['rows'], string>

function stepsOf(input: TableRestore, copy: ChosenCopy, { beside, data }: PreparedTable): string[] {
  const stored = data.reduce((sum, entry) => sum + entry.storedBytes, tocEntry(copy.manifest).storedBytes)
  const name = `${input.schema}.${input.table}`
  const fetch = `Fetch ${formatCount(data.length + 1, 'entry', 'entries')} (${formatBytes(stored)}) from ${copy.storageName} and compare each with the sealed manifest`
  if (beside === null) {
    return [
      fetch,
      `In one transaction, without CASCADE: lock ${name}, ${bringing[input.rows]}, and leave everything that hangs on it as it was; an error leaves the table untouched`,
      'Before it is committed, compare what the table holds with the manifest',
    ]
  }
  return [
    fetch,
    `In one transaction: build ${input.schema}.${beside.name} with its data, indexes and constraints; the live table is not touched`,
    'Before it is committed, read it back and compare it with the manifest',
  ]
}
