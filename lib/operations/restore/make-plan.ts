import { statfs } from 'node:fs/promises'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { recoveryTimes } from '#lib/catalog/recovery-times.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { type Finding, isBlocked, type Plan } from '#lib/domain/plan.ts'
import { estimateFrom } from '#lib/domain/recovery-times.ts'
import { formatBytes } from '#lib/domain/units.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { chooseTool, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { restoreMajorFor } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../run-context.ts'
import { aboutBackup } from './about-backup.ts'
import type { ChosenCopy } from './choose-copy.ts'
import type { FullRestore } from './definition.ts'
import { blocker, passed, targetFindings, warning } from './findings.ts'
import { roleMapFindings, withMappedRoles } from './role-map.ts'
import { lookAtTarget, type TargetServer } from './look-at-target.ts'

export interface PlannedRestore {
  plan: Plan
  /** null: it could not be reached */
  target: TargetServer | null
  /** pg_restore for the archive */
  tool: ToolReport | null
  /** pg_dump for the target's server, which reads back what was restored */
  compareTool: ToolReport | null
}

/** The plan of a full restore into a new database. Reads key, manifest and the target's catalogues; writes nothing anywhere. */
export async function makePlan(
  context: RunContext,
  options: { input: FullRestore; backup: BackupRow; copy: ChosenCopy; connection: Connection; copyFindings: Finding[] },
): Promise<PlannedRestore> {
  const begun = Date.now()
  const { input, copy } = options
  const { manifest } = copy
  const findings: Finding[] = [...options.copyFindings, ...aboutBackup(options.backup, copy), ...roleMapFindings(manifest.needs.roles, input)]
  const tool = chooseRestoreTool(context, copy, findings)
  findings.push(...(await aboutStaging(context, manifest)))
  const target = await reach(context, options, findings)
  const compareTool = target === null ? null : chooseCompareTool(context, target, findings)
  if (target !== null) {
    findings.push(...targetFindings(target, manifest, input))
    findings.push(
      warning(
        'target_space',
        `Needs about ${formatBytes(manifest.needs.databaseBytes)} on the target server; its free space cannot be seen through SQL.`,
        'Look at the disk of the target server before you go on. A full disk fails the restore and may stop other databases on that server.',
      ),
    )
  }
  const times = await recoveryTimes(context.catalog, { databaseId: options.backup.database_id, kind: 'restore', scope: 'full', way: 'new' })
  const plan: Plan = {
    blocked: isBlocked(findings, input.force),
    findings,
    steps: [
      `Fetch ${manifest.totals.entries} entries (${formatBytes(manifest.totals.storedBytes)}) from ${copy.storageName} and compare each with the sealed manifest`,
      `Create the database ${input.targetDbname} on ${options.connection.host}:${options.connection.port}`,
      `Restore ${manifest.totals.tables} tables, stopping at the first error`,
      'Compare every table with the manifest, rows and bytes, and every definition with the table of contents',
      `Give ${input.targetDbname} what belonged to the original as a whole: its settings, ${input.missingRoles === 'drop_grants' ? 'comment' : 'owner, privileges, comment'} and connection limit`,
    ],
    ...estimateFrom(times),
    dependencies: [],
    rows: null,
    safety: null,
    tables: manifest.entries.flatMap((entry) =>
      entry.kind === 'table'
        ? [{ schema: entry.schema ?? '', table: entry.table ?? '', rows: entry.rows ?? 0, rawBytes: entry.rawBytes, action: 'create' }]
        : [],
    ),
    bytesRead: copy.bytesRead,
    seconds: (Date.now() - begun) / 1000,
    target: {
      host: options.connection.host,
      port: options.connection.port,
      dbname: input.targetDbname,
      systemIdentifier: target?.systemIdentifier ?? null,
      oid: null,
      inRecovery: target?.inRecovery ?? false,
      serverVersion: target?.version ?? 'unknown',
    },
  }
  return { plan, target, tool, compareTool }
}

function chooseRestoreTool(context: RunContext, copy: ChosenCopy, findings: Finding[]): ToolReport | null {
  const major = Math.max(Math.floor(copy.manifest.versions.serverNum / 10_000), restoreMajorFor[copy.manifest.versions.archive] ?? 99)
  try {
    const tool = chooseTool(context.tools, 'pg_restore', major)
    if (tool.ok) {
      findings.push(passed('tools', `pg_restore ${tool.version} reads archive format ${copy.manifest.versions.archive}.`))
    } else {
      findings.push(
        blocker(
          'tools_outdated',
          `pg_restore ${tool.version} on the worker’s machine has known holes.`,
          'Update the PostgreSQL client package there.',
        ),
      )
    }
    return tool
  } catch (error) {
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, known.message, known.hint))
    return null
  }
}

/** What was restored is read back with pg_dump, which refuses servers newer than itself: without a fitting one nothing could be called complete. */
function chooseCompareTool(context: RunContext, target: TargetServer, findings: Finding[]): ToolReport | null {
  try {
    return chooseTool(context.tools, 'pg_dump', Math.floor(target.versionNum / 10_000))
  } catch (error) {
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, `What is restored could not be compared with the backup: ${known.message}`, known.hint))
    return null
  }
}

/** The fetched entries, still sealed, and beside them what the comparison dumps: every large object, a file each. */
async function aboutStaging(context: RunContext, { totals, needs, entries }: Manifest): Promise<Finding[]> {
  const room = await statfs(context.stagingDir)
  const free = room.bavail * room.bsize
  const objects = entries.find((entry) => entry.kind === 'large_objects')
  const needed = totals.storedBytes + (objects ? objects.rawBytes + (needs.largeObjects * room.bsize) / 2 : 0)
  const text = `Needs ${formatBytes(needed)} of staging on the worker’s machine (${formatBytes(free)} free).`
  return [
    free > needed + (64 << 20)
      ? passed('staging', text)
      : blocker('staging_full', text, 'Free space there, or set LIFEBOAT_STAGING to a larger disk.'),
  ]
}

async function reach(
  context: RunContext,
  options: { input: FullRestore; copy: ChosenCopy; connection: Connection },
  findings: Finding[],
): Promise<TargetServer | null> {
  try {
    return await lookAtTarget(options.connection, {
      targetDbname: options.input.targetDbname,
      manifest: withMappedRoles(options.copy.manifest, options.input),
      signal: context.signal,
    })
  } catch (error) {
    context.signal.throwIfAborted()
    const known = asLifeboatError(error)
    findings.push(blocker(known.code, `The target server: ${known.message}`, known.hint))
    return null
  }
}
