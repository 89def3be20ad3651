import type { z } from 'zod'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { asLifeboatError, type ErrorCode, errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { createDatabase, dropDatabaseByOid, terminateBackends } from '#lib/engine/postgres/database.ts'
import { createRoles, type Globals } from '#lib/engine/postgres/globals.ts'
import { restoreArchive } from '#lib/engine/postgres/restore.ts'
import { parseToc } from '#lib/engine/postgres/toc.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import { connectionFor } from '../run/connection-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import { chooseCopy, noCopy } from './choose-copy.ts'
import { compareWithManifest, type Loss, type TableResult } from './compare.ts'
import type { restoreInput } from './definition.ts'
import { type FetchedCopy, fetchCopy } from './fetch.ts'
import { finishDatabase } from './finish-database.ts'
import { readFreshSchema } from './fresh-schema.ts'
import type { TargetServer } from './look-at-target.ts'
import { makePlan, type PlannedRestore } from './make-plan.ts'
import { databaseLike, readGlobalsEntry, readToc } from './read-entries.ts'
import { stage } from './stages.ts'

type Input = z.output<typeof restoreInput>
const jobs = 2

/** Restores a backup into a new database: plan, fetch and authenticate everything, restore, compare, and say what came back. */
export const runRestore: Run<Input> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { connection } = await connectionFor(context, input.serverDatabaseId ?? backup.database_id)
  context.progress({ phase: 'planning' })
  const { planned, fetched } = await planAndFetch(context, { input, backup, connection })
  if (fetched === null) return { result: { plan: planned.plan }, findings: planned.plan.findings }
  const ready = requireReady(planned)
  const { target, tool } = ready

  const globals = await readGlobalsEntry(fetched)
  const created = await begin(context, { input, fetched, globals, target })
  const targetConnection: Connection = { ...target.connection, dbname: input.targetDbname }
  try {
    await recordCreated(context, input, created)
    await stage(context, 'restoring', () => restoreInto(context, { fetched, connection: targetConnection, toolPath: tool.path, input }))
    const compared = await stage(context, 'comparing', () =>
      compareRestored(context, { connection: targetConnection, fetched, globals, planned: ready, input }),
    )
    const unfinished = await finishDatabase(context, { input, globals, connection: targetConnection, door: target.connection })
    return report(input, planned, { ...compared, losses: [...compared.losses, ...unfinished] })
  } catch (error) {
    throw await undo(context, { connection: target.connection, oid: created, input, error })
  }
}

/** Tries copy after copy until one is whole: a bad one is found here, before the target is touched. A dry run stops after the plan. */
async function planAndFetch(
  context: RunContext,
  options: { input: Input; backup: BackupRow; connection: Connection },
): Promise<{ planned: PlannedRestore; fetched: FetchedCopy | null }> {
  const bad = new Set<string>()
  const copyFindings: Finding[] = []
  for (;;) {
    const { copy, findings } = await chooseCopy(context, options.backup, bad)
    copyFindings.push(...findings)
    if (copy === null) throw bad.size > 0 ? corruptEverywhere(copyFindings) : (firstProblem(copyFindings) ?? noCopy())
    try {
      const planned = await makePlan(context, { ...options, copy, copyFindings })
      if (context.dryRun) return { planned, fetched: null }
      refuseBlocked(planned)
      refuseOtherTarget(planned, options.input)
      return {
        planned,
        fetched: await stage(
          context,
          'fetching',
          () => fetchCopy(context, copy, copy.manifest.entries),
          (result) => result.bytesRead,
        ),
      }
    } catch (error) {
      const known = asLifeboatError(error)
      context.signal.throwIfAborted()
      if (known.code !== 'corrupt' && known.code !== 'missing') throw error
      bad.add(copy.storageName)
      context.warn(known.message)
      copyFindings.push({
        severity: 'warning',
        code: `copy_${known.code}`,
        message: known.message,
        remedy: 'Another copy was used. Verify this one, then take a new backup.',
        overridable: false,
      })
    } finally {
      await copy.driver.close()
    }
  }
}

interface ReadyPlan {
  target: TargetServer
  tool: ToolReport
  compareTool: ToolReport
}

function requireReady({ target, tool, compareTool }: PlannedRestore): ReadyPlan {
  if (target === null || tool === null || compareTool === null) throw new Error('a plan without a target or a tool is blocked')
  return { target, tool, compareTool }
}

function refuseBlocked({ plan }: PlannedRestore): void {
  if (!plan.blocked) return
  const first = plan.findings.find((finding) => finding.severity === 'blocker')
  throw new LifeboatError('blocked', first?.message ?? 'The plan is blocked.', `${first?.remedy ?? ''} The target was not touched.`.trim(), {
    detail: { plan },
  })
}

/** The server that was confirmed must be the server that is there now: FAULTS 49. */
function refuseOtherTarget({ plan }: PlannedRestore, input: Input): void {
  const [seen, confirmed] = [plan.target, input.fingerprint]
  if (confirmed === null || seen === null) return
  const same =
    seen.host === confirmed.host &&
    seen.port === confirmed.port &&
    (confirmed.systemIdentifier === null || seen.systemIdentifier === confirmed.systemIdentifier)
  if (!same)
    throw new LifeboatError(
      'target_changed',
      'The target is not the server that the dry run saw.',
      'Nothing was touched. Run the dry run again and confirm its plan.',
    )
}

/** The first writes to the target. Returns the new database's OID: whatever happens later, only it is ever dropped. */
async function begin(context: RunContext, options: { input: Input; fetched: FetchedCopy; globals: Globals; target: TargetServer }): Promise<number> {
  const { input, fetched, globals, target } = options
  await context.assertCurrent()
  if (input.missingRoles === 'create' && target.missingRoles.length > 0) {
    const made = await createRoles(target.connection, globals, target.missingRoles, context.signal)
    context.log(`Created roles without password: ${made.join(', ')}`)
  }
  return createDatabase(target.connection, input.targetDbname, await databaseLike(fetched), context.signal)
}

/** Whatever happens to this worker later, the catalogue knows what it made. Throws where the attempt is no longer the current one. */
async function recordCreated(context: RunContext, input: Input, oid: number): Promise<void> {
  const { numUpdatedRows } = await context.catalog
    .updateTable('operations')
    .set({ result: JSON.stringify({ restore: { ...emptyResult(input), outcome: 'indeterminate', createdOid: oid } }) })
    .where('id', '=', context.operationId)
    .where('attempt_token', '=', context.attemptToken)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new LifeboatError('interrupted', 'This attempt is no longer the current one.')
}

async function compareRestored(
  context: RunContext,
  options: { connection: Connection; fetched: FetchedCopy; globals: Globals; planned: ReadyPlan; input: Input },
): ReturnType<typeof compareWithManifest> {
  const { connection, fetched, globals, planned } = options
  const dropGrants = options.input.missingRoles === 'drop_grants'
  const toc = await readToc(fetched)
  const like = await databaseLike(fetched)
  return compareWithManifest(context, {
    connection,
    fetched,
    toc: parseToc(toc),
    how: { dropGrants, databaseApart: globals.database !== undefined },
    toolPath: planned.compareTool.path,
    jobs,
    readFresh: () =>
      readFreshSchema(context, {
        door: planned.target.connection,
        toc,
        like,
        pgRestore: planned.tool.path,
        pgDump: planned.compareTool.path,
        dropGrants,
      }),
  })
}

async function restoreInto(
  context: RunContext,
  options: { fetched: FetchedCopy; connection: Connection; toolPath: string; input: Input },
): Promise<void> {
  const { fetched } = options
  const { manifest } = fetched
  const largeObjects = manifest.entries.find((entry) => entry.kind === 'large_objects')
  const dropGrants = options.input.missingRoles === 'drop_grants'
  await restoreArchive(options.connection, {
    stagingDir: context.stagingDir,
    toolPath: options.toolPath,
    toc: await readToc(fetched),
    entries: new Map(manifest.entries.flatMap((entry) => (entry.dumpId === undefined ? [] : [[entry.dumpId, () => fetched.open(entry)]]))),
    largeObjects: largeObjects === undefined ? null : () => fetched.open(largeObjects),
    jobs,
    signal: context.signal,
    settings: manifest.settings,
    noOwner: dropGrants,
    noPrivileges: dropGrants,
    onProgress: (progress) =>
      context.progress({
        phase: 'restoring',
        doneItems: progress.tablesDone,
        totalItems: progress.tablesTotal,
        doneBytes: progress.rawBytes,
        totalBytes: Math.max(manifest.totals.rawBytes, progress.rawBytes),
      }),
  })
}

function report(
  input: Input,
  planned: PlannedRestore,
  compared: { tables: TableResult[]; losses: Loss[]; findings: Finding[] },
): Awaited<ReturnType<typeof runRestore>> {
  const losses = [...compared.losses]
  if (input.missingRoles === 'drop_grants') losses.push({ object: 'owners and privileges', cause: 'Left out, as the confirmed plan said.' })
  const outcome: RestoreOutcome = losses.length > 0 ? 'completed_with_losses' : 'completed'
  const findings: Finding[] = [...planned.plan.findings.filter((finding) => finding.code.startsWith('copy_')), ...compared.findings]
  for (const loss of losses) {
    findings.push({
      severity: 'warning',
      code: 'loss',
      message: `${loss.object}: ${loss.cause}`,
      remedy: 'The restored database is kept. Restore again, or from another copy, and compare.',
      overridable: false,
    })
  }
  return {
    findings,
    result: {
      restore: {
        ...emptyResult(input),
        target: `${planned.plan.target?.host}:${planned.plan.target?.port}/${input.targetDbname}`,
        outcome,
        tables: compared.tables.length,
        rows: compared.tables.reduce((sum, table) => sum + table.rows, 0),
        losses,
      },
      tables: compared.tables,
    },
  }
}

/**
 * Ends what is left of this attempt on the server and drops the database that it created, by OID.
 * Returns the error to throw, with the outcome in its detail: failed, or indeterminate where something could not be removed.
 */
async function undo(context: RunContext, options: { connection: Connection; oid: number; input: Input; error: unknown }): Promise<LifeboatError> {
  const known = asLifeboatError(options.error)
  const withOutcome = (outcome: RestoreOutcome) => ({ ...known.detail, restore: { ...emptyResult(options.input), outcome } })
  try {
    await terminateBackends(options.connection, context.applicationName)
    await dropDatabaseByOid(options.connection, options.oid)
    context.log(`Dropped ${options.input.targetDbname}, which this attempt had created.`)
    return new LifeboatError(known.code, known.message, known.hint, { cause: options.error, detail: withOutcome('failed') })
  } catch (cause) {
    return new LifeboatError(
      'indeterminate',
      `${known.message} The database ${options.input.targetDbname} that this attempt created could not be removed.`,
      `Nothing else on the server was touched. Look at ${options.input.targetDbname} (OID ${options.oid}) and drop it by hand.`,
      { cause, detail: withOutcome('indeterminate') },
    )
  }
}

function emptyResult(input: Input): { target: string; outcome: RestoreOutcome; tables: number; rows: number; losses: Loss[]; undoUntil: null } {
  return { target: input.targetDbname, outcome: 'indeterminate', tables: 0, rows: 0, losses: [], undoUntil: null }
}

function firstProblem(findings: readonly Finding[]): LifeboatError | null {
  const first = findings[0]
  if (first === undefined) return null
  const codes = Object.keys(errorCodes) as ErrorCode[]
  const code = codes.find((one) => first.code === `copy_${one}`)
  return new LifeboatError(code ?? 'missing', first.message, `${first.remedy} The target was not touched.`)
}

function corruptEverywhere(findings: readonly Finding[]): LifeboatError {
  return new LifeboatError(
    'corrupt',
    findings.map((finding) => finding.message).join(' '),
    'The target was not touched. Choose another recovery point.',
  )
}
