import type { Client } from 'pg'
import type { Finding } from '#lib/domain/plan.ts'
import type { Connection } from './connection.ts'
import { openCopySession } from './copy-session.ts'
import type { ForeignKey } from './foreign-keys.ts'
import { type LiveTable, nameOf, requireLiveTable } from './live-table.ts'
import { countOrphans } from './orphans.ts'
import { blocker, columnFindings } from './replace-columns.ts'
import { keysToDrop } from './replace-keys.ts'
import type { ReplaceOptions, ReplacePlan, RowsMode } from './replace-types.ts'
import { dependencyLines } from './replace-words.ts'
import { sessionSettings } from './restore.ts'
import { readTableDependencies, type TableDependencies } from './table-dependencies.ts'
import { tableError } from './table-error.ts'

/**
 * Says what hangs on the live table, what would happen to each of it, and what stands in the way; rows that would be left without their
 * parent are counted by key. One read-only snapshot; writes nothing. Throws only for what is no matter of the plan.
 */
export async function planReplace(conn: Connection, options: ReplaceOptions): Promise<ReplacePlan> {
  const client = await openCopySession(conn, {
    signal: options.signal,
    writable: false,
    settings: sessionSettings(options.backup.settings),
    lockTimeoutMs: 10_000,
  })
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const live = await requireLiveTable(client, options.backup)
    const found = await readTableDependencies(client, live.oid)
    const findings = blockersOf(found, live, options)
    if (findings.length === 0) findings.push(...(await orphanFindings(client, found.foreignKeys, live, options)))
    return { oid: live.oid, findings, dependencies: dependencyLines(found, live, options.backup, options.rows) }
  } catch (error) {
    options.signal.throwIfAborted()
    const known = tableError(error, options.backup, 'Nothing was touched.')
    if (known.code !== 'not_found' && known.code !== 'refused') throw known
    return {
      oid: null,
      findings: [{ severity: 'blocker', code: `table_${known.code}`, message: known.message, remedy: known.hint, overridable: false }],
      dependencies: [],
    }
  } finally {
    await client.end().catch(() => {})
  }
}

/** All that can be told without reading rows: asked again under the lock. */
export function blockersOf(found: TableDependencies, live: LiveTable, options: Pick<ReplaceOptions, 'backup' | 'rows'>): Finding[] {
  const findings = columnFindings(options.backup, live, options.rows)
  if (!found.ours) {
    findings.push(
      blocker('privileges', `This role does not own ${nameOf(live)} (${found.owner} does), and may not replace its rows.`, 'Use its owner.'),
    )
  }
  const dropped = keysToDrop(found.foreignKeys, live, options.rows)
  for (const key of dropped) {
    if (!key.ours)
      findings.push(
        blocker(
          'privileges',
          `The foreign key ${key.name} would be dropped and made again, and this role does not own ${nameOf(key.from)}.`,
          'Use a role that owns both.',
        ),
      )
    if (key.switchedOff)
      findings.push(
        blocker(
          'key_switched_off',
          `The triggers of the foreign key ${key.name} of ${nameOf(key.from)} are switched off: it could not be made again as it is.`,
          'Switch them on, or drop the key.',
        ),
      )
  }
  if (options.rows !== 'all' && !found.mayUseTemp) {
    findings.push(blocker('privileges', 'This role may not make temporary tables in the database.', 'GRANT TEMPORARY, or bring back all rows.'))
  }
  return findings
}

async function orphanFindings(client: Client, keys: readonly ForeignKey[], live: LiveTable, options: ReplaceOptions): Promise<Finding[]> {
  const found: Finding[] = []
  for (const key of keys) {
    if (!key.validated || (options.rows !== 'all' && !key.outgoing)) continue
    options.onProgress?.({ phase: 'looking for rows that would be left without their parent', rawBytes: 0 })
    const orphans = await inSavepoint(client, () => countOrphans(client, key, { ...options, oid: live.oid }))
    if (orphans === 'denied') found.push(unknown(key, `This role may not read every row of ${nameOf(key.from)} and ${nameOf(key.to)}`))
    else if (orphans === null) found.push(unknown(key, `The backup has not the columns of a foreign key of ${nameOf(key.from)}`))
    else if (orphans > 0) found.push(orphanFinding(key, orphans, options.rows))
  }
  return found
}

function orphanFinding(key: ForeignKey, orphans: number, rows: RowsMode): Finding {
  const message =
    key.incoming && !key.outgoing
      ? `${orphans} rows of ${nameOf(key.from)} refer by ${key.name} (${key.columns.join(', ')}) to rows that the backup does not have.`
      : `${orphans} rows of the backup refer by ${key.name} (${key.columns.join(', ')}) to rows of ${nameOf(key.to)} that are not there.`
  const remedy =
    key.incoming && !key.outgoing
      ? 'Bring back only the missing or changed rows, or the other table as well. Nothing was touched.'
      : 'Bring back the other table first. Nothing was touched.'
  if (rows === 'all' && key.exact) return { severity: 'blocker', code: 'orphans', message, remedy, overridable: false }
  const doubt = key.exact
    ? 'Should one of them be among those that come in, everything is rolled back.'
    : 'Values of this type can be equal and written differently; should the key not hold, everything is rolled back.'
  return { severity: 'warning', code: 'orphans', message: `${message} ${doubt}`, remedy, overridable: false }
}

/** Rows that this role may not read leave a question open, and the snapshot whole. */
async function inSavepoint<T>(client: Client, work: () => Promise<T>): Promise<T | 'denied'> {
  await client.query('SAVEPOINT before_key')
  try {
    return await work()
  } catch (error) {
    if ((error as { code?: unknown }).code !== '42501') throw error
    await client.query('ROLLBACK TO SAVEPOINT before_key')
    return 'denied'
  }
}

function unknown(key: ForeignKey, why: string): Finding {
  return {
    severity: 'warning',
    code: 'orphans_unknown',
    message: `${why}, so whether ${key.name} will hold cannot be told.`,
    remedy: 'Should it not hold, everything is rolled back.',
    overridable: false,
  }
}
