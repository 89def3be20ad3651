import { getBackup } from '#lib/catalog/backups.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { createDatabase, dropDatabaseByOid, terminateBackends } from '#lib/engine/postgres/database.ts'
import { createRoles, type Globals } from '#lib/engine/postgres/globals.ts'
import { restoreArchive } from '#lib/engine/postgres/restore.ts'
import { parseToc } from '#lib/engine/postgres/toc.ts'
import { connectionFor } from '../run/connection-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import { compareWithManifest, type Loss, type TableResult } from './compare.ts'
import type { FullRestore } from './definition.ts'
import type { FetchedCopy } from './fetch.ts'
import { finishDatabase } from './finish-database.ts'
import { readFreshSchema } from './fresh-schema.ts'
import { holdTarget } from './hold-target.ts'
import type { TargetServer } from './look-at-target.ts'
import type { PlannedRestore } from './make-plan.ts'
import { planAndFetch, type ReadyPlan, requireReady } from './plan-and-fetch.ts'
import { databaseLike, readGlobalsEntry, readToc } from './read-entries.ts'
import { stage } from './stages.ts'

type Input = FullRestore
const jobs = 2
const leftOut = 'owners and privileges'

/** Restores a backup into a new database: plan, fetch and authenticate everything, restore, compare, and say what came back. */
export const runNew: Run<Input> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { connection } = await connectionFor(context, input.serverDatabaseId ?? backup.database_id)
  context.progress({ phase: 'planning' })
  const hold = holdTarget(context, input.targetDbname)
  try {
    const { planned, fetched } = await planAndFetch(hold, { input, backup, connection })
    if (fetched === null) return { result: { plan: planned.plan }, findings: planned.plan.findings }
    return await carryOut(hold.context(), { input, planned, fetched })
  } finally {
    await hold.release()
  }
}

async function carryOut(context: RunContext, options: { input: Input; planned: PlannedRestore; fetched: FetchedCopy }): ReturnType<typeof runNew> {
  const { input, planned, fetched } = options
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
        itemNoun: 'table',
        doneBytes: progress.rawBytes,
        totalBytes: Math.max(manifest.totals.rawBytes, progress.rawBytes),
      }),
  })
}

function report(
  input: Input,
  planned: PlannedRestore,
  compared: { tables: TableResult[]; losses: Loss[]; findings: Finding[] },
): Awaited<ReturnType<typeof runNew>> {
  const losses = [...compared.losses]
  if (input.missingRoles === 'drop_grants') losses.push({ object: leftOut, cause: 'Left out, as the confirmed plan said.' })
  const outcome: RestoreOutcome = losses.length > 0 ? 'completed_with_losses' : 'completed'
  const findings: Finding[] = [...planned.plan.findings.filter((finding) => finding.code.startsWith('copy_')), ...compared.findings]
  for (const loss of losses) {
    findings.push({
      severity: 'warning',
      code: 'loss',
      message: `${loss.object}: ${loss.cause}`,
      remedy:
        loss.object === leftOut
          ? 'Everything belongs to the role that connected. Set owners and privileges before you use the database.'
          : 'The restored database is kept. Restore again, or from another copy, and compare.',
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
    const hint = `${known.hint} What this attempt had created was removed again; nothing else on the server was touched.`.trim()
    return new LifeboatError(known.code, known.message, hint, { cause: options.error, detail: withOutcome('failed') })
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
