import { getBackup } from '#lib/catalog/backups.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { terminateBackends } from '#lib/engine/postgres/database.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { createRoles } from '#lib/engine/postgres/globals.ts'
import { type InPlaceProgress, restoreInPlace } from '#lib/engine/postgres/in-place.ts'
import { sessionSettings } from '#lib/engine/postgres/restore.ts'
import { whatBecameOf } from '#lib/engine/postgres/transaction-status.ts'
import { connectionFor } from '../../run/connection-for.ts'
import { recordResult } from '../../run/record-result.ts'
import type { Run, RunContext, RunResult } from '../../run-context.ts'
import { type FullRestore, targetDatabaseId } from '../definition.ts'
import type { FetchedCopy } from '../fetch.ts'
import { holdTarget } from '../hold-target.ts'
import type { PlannedRestore } from '../make-plan.ts'
import { planAndFetch, requireReady } from '../plan-and-fetch.ts'
import { readGlobalsEntry, readToc } from '../read-entries.ts'
import { emptyResult } from '../report.ts'
import { requireVerifiedSafety, type VerifiedSafety } from '../require-safety.ts'
import { stage, type StageName, stageWatch } from '../stages.ts'
import { compareInPlace } from './compare.ts'
import { type InPlaceResult, outcomeOf } from './outcome.ts'
import { planInPlace, type PreparedInPlace, withRoleMap } from './plan.ts'
import { reportInPlace } from './report.ts'

const jobs = 2

/** Restores a backup into the live database, in one transaction: plan, fetch and authenticate everything, replace, commit, compare. */
export const runInPlace: Run<FullRestore> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { database, connection } = await connectionFor(context, targetDatabaseId(input) ?? backup.database_id)
  const safety = context.dryRun ? null : await requireVerifiedSafety(context, input)
  context.progress({ phase: 'planning' })
  const hold = holdTarget(context, input.targetDbname)
  let prepared: PreparedInPlace | null = null
  try {
    const { planned, fetched } = await planAndFetch(hold, {
      input,
      backup,
      connection,
      amend: async (made, copy) => {
        const amended = await planInPlace(hold.context(), { input, database, copy, planned: made, safety })
        prepared = amended.prepared
        return amended.planned
      },
    })
    if (fetched === null || safety === null) return { result: { plan: planned.plan }, findings: planned.plan.findings }
    if (prepared === null) throw new Error('a plan that could not look at its target is blocked')
    return await carryOut(hold.context(), { input, planned, prepared, fetched: withRoleMap(fetched, input), safety })
  } finally {
    await hold.release()
  }
}

interface Carried {
  input: FullRestore
  planned: PlannedRestore
  prepared: PreparedInPlace
  fetched: FetchedCopy
  safety: VerifiedSafety
}

async function carryOut(context: RunContext, carried: Carried): Promise<RunResult> {
  const { input, planned, prepared, fetched, safety } = carried
  const ready = requireReady(planned)
  const { connection } = ready.target
  await context.assertCurrent()
  // asked again: since the plan was made everything was fetched, which may have taken hours
  await requireVerifiedSafety(context, input)
  if (input.missingRoles === 'create' && ready.target.missingRoles.length > 0) {
    const made = await createRoles(connection, await readGlobalsEntry(fetched), ready.target.missingRoles, context.signal)
    context.log(`Created roles without password: ${made.join(', ')}`)
  }
  await replace(context, carried, { connection, pgRestore: ready.tool.path })
  const dropGrants = input.missingRoles === 'drop_grants'
  const compared = await stage(context, 'comparing', () => compareInPlace(context, { connection, fetched, prepared, ready, dropGrants, jobs })).catch(
    (error: unknown) => {
      throw committed(error, input, safety)
    },
  )
  return reportInPlace({ input, planned, prepared, compared, safety })
}

const stageOf = { schema: 'pre_data', data: 'data', indexes: 'indexes', committing: 'indexes' } as const satisfies Record<
  InPlaceProgress['phase'],
  StageName
>
const saying = {
  schema: 'replacing the schema',
  data: 'loading the data',
  indexes: 'building indexes and constraints',
  committing: 'committing',
} satisfies Record<InPlaceProgress['phase'], string>

async function replace(
  context: RunContext,
  { input, prepared, fetched, safety }: Carried,
  on: { connection: Connection; pgRestore: string },
): Promise<void> {
  const { manifest } = fetched
  const { toc, live, choice } = prepared
  const dropGrants = input.missingRoles === 'drop_grants'
  const objects = manifest.entries.find((entry) => entry.kind === 'large_objects')
  const stages = stageWatch(context)
  let transactionId: string | null = null
  try {
    await restoreInPlace(on.connection, {
      archive: {
        stagingDir: context.stagingDir,
        toolPath: on.pgRestore,
        toc: await readToc(fetched),
        signal: context.signal,
        noOwner: dropGrants,
        noPrivileges: dropGrants,
      },
      toc,
      liveToc: live.tocBytes,
      choice,
      entries: new Map(manifest.entries.flatMap((entry) => (entry.dumpId === undefined ? [] : [[entry.dumpId, () => fetched.open(entry)]]))),
      largeObjects: objects === undefined ? null : () => fetched.open(objects),
      replacedObjects: live.largeObjects,
      refresh: choice.recreate.filter((entry) => entry.desc === 'MATERIALIZED VIEW'),
      settings: sessionSettings(manifest.settings),
      onBegun: async (id) => {
        const restore: InPlaceResult = { ...emptyResult(input), safetyBackupId: safety.backupId, transactionId: id, databaseOid: live.oid }
        await recordResult(context, { restore })
        transactionId = id
      },
      onProgress: (progress) => {
        stages.enter(stageOf[progress.phase])
        context.progress({
          phase: saying[progress.phase],
          doneItems: progress.tablesDone,
          totalItems: progress.tablesTotal,
          itemNoun: 'table',
          doneBytes: progress.rawBytes,
          totalBytes: Math.max(manifest.totals.rawBytes, progress.rawBytes),
        })
      },
    })
  } catch (error) {
    throw await ended(context, { input, safety, connection: on.connection, transactionId, databaseOid: live.oid, error })
  }
  await stages.end()
}

/** The error to throw when the transaction did not end well: its server process is ended, and the server is asked what became of it. */
async function ended(
  context: RunContext,
  options: {
    input: FullRestore
    safety: VerifiedSafety
    connection: Connection
    transactionId: string | null
    databaseOid: number
    error: unknown
  },
): Promise<LifeboatError> {
  const { input, safety, transactionId, databaseOid } = options
  const why = asLifeboatError(options.error)
  if (transactionId === null) {
    const restore: InPlaceResult = { ...emptyResult(input), outcome: 'failed', safetyBackupId: safety.backupId }
    return new LifeboatError(why.code, why.message, `${why.hint} Nothing was changed.`.trim(), { cause: why, detail: { ...why.detail, restore } })
  }
  const status = await (async () => {
    const door = await reachServer(options.connection)
    await terminateBackends(door, context.applicationName)
    return whatBecameOf(door, { transactionId, databaseOid })
  })().catch((error: unknown) => {
    context.warn(`The server could not be asked what became of the transaction: ${asLifeboatError(error).message}`)
    return null
  })
  // a transaction whose commit was never sent cannot have been committed, whatever the server says, or does not
  const known = status ?? (why.detail.committing === false ? 'aborted' : null)
  const { error, restore } = outcomeOf(known, { targetDbname: input.targetDbname, safetyBackupId: safety.backupId, transactionId, why })
  const hint = known === 'aborted' && why.hint !== '' ? `${why.hint} ${input.targetDbname} is as it was before.` : error.hint
  return new LifeboatError(error.code, error.message, hint, { cause: options.error, detail: { ...why.detail, restore } })
}

/** The comparison itself failed: what was restored stands, and nobody knows how well. */
function committed(error: unknown, input: FullRestore, safety: VerifiedSafety): LifeboatError {
  const why = asLifeboatError(error)
  const outcome = outcomeOf('committed', { targetDbname: input.targetDbname, safetyBackupId: safety.backupId, transactionId: '', why })
  return new LifeboatError(outcome.error.code, outcome.error.message, outcome.error.hint, { cause: error, detail: { restore: outcome.restore } })
}
