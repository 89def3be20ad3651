import { type Cloned, cloneDatabase } from '#lib/engine/postgres/clone.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { createRoles, type Globals, readGlobals } from '#lib/engine/postgres/globals.ts'
import { mapRolesOfGlobals, mapRolesOfToc } from '#lib/engine/postgres/map-roles.ts'
import type { RestoreProgress } from '#lib/engine/postgres/restore.ts'
import { finishDatabase } from '../restore/finish-database.ts'
import { roleMapOf } from '../restore/role-map.ts'
import { holdTarget } from '../restore/hold-target.ts'
import { makeDatabase } from '../restore/make-database.ts'
import { emptyResult } from '../restore/report.ts'
import { refuseOtherTarget } from '../restore/same-target.ts'
import { stage, type StageName, stageWatch } from '../restore/stages.ts'
import { undoCreated } from '../restore/undo-created.ts'
import { connectionFor } from '../run/connection-for.ts'
import { recordResult } from '../run/record-result.ts'
import type { Run, RunContext, RunResult } from '../run-context.ts'
import { compareWithSource } from './compare.ts'
import type { CloneInput } from './definition.ts'
import { planClone } from './plan.ts'
import { type ReadyClone, refuseBlocked, requireReady } from './ready.ts'
import { report } from './report.ts'

/** Clones a live database into a new one: plan, create, stream, compare, and say what came over. */
export const runClone: Run<CloneInput> = async (context, input) => {
  const { connection: source } = await connectionFor(context, input.databaseId)
  const { connection: server } = await connectionFor(context, input.serverDatabaseId ?? input.databaseId)
  context.progress({ phase: 'planning' })
  const hold = holdTarget(context, input.targetDbname)
  try {
    const planned = await planClone(context, { input, source, server })
    if (context.dryRun) return { result: { plan: planned.plan }, findings: planned.plan.findings }
    if (planned.target !== null && !planned.target.isPooler) await hold.take(planned.target.connection)
    refuseBlocked(planned)
    refuseOtherTarget(planned.plan.target, input.fingerprint)
    return await carryOut(hold.context(), { input, source, ready: requireReady(planned) })
  } finally {
    await hold.release()
  }
}

async function carryOut(context: RunContext, options: { input: CloneInput; source: Connection; ready: ReadyClone }): Promise<RunResult> {
  const { input, source, ready } = options
  const door = ready.target.connection
  const globals = mapRolesOfGlobals(await readGlobals(source, { roles: ready.source.needs.roles, signal: context.signal }), roleMapOf(input))
  const oid = await begin(context, { input, globals, ready })
  const connection: Connection = { ...door, dbname: input.targetDbname }
  try {
    const cloned = await stream(context, { input, source, connection, ready })
    const compared = await stage(context, 'comparing', () => compareWithSource(context, { input, cloned, connection, globals, ready }))
    const unfinished = await finishDatabase(context, { input, globals, connection, door })
    return report(input, ready, { ...compared, losses: [...compared.losses, ...unfinished] })
  } catch (error) {
    throw await undoCreated(context, { connection: door, oid, input, error })
  }
}

/** The first writes to the target. Returns the new database's OID: whatever happens later, only it is ever dropped. */
async function begin(context: RunContext, options: { input: CloneInput; globals: Globals; ready: ReadyClone }): Promise<number> {
  const { input, globals, ready } = options
  const { target, facts } = ready
  await context.assertCurrent()
  if (input.missingRoles === 'create' && target.missingRoles.length > 0) {
    const made = await createRoles(target.connection, globals, target.missingRoles, context.signal)
    context.log(`Created roles without password: ${made.join(', ')}`)
  }
  return makeDatabase(context, {
    door: target.connection,
    name: input.targetDbname,
    like: facts.like,
    record: (oid) => recordResult(context, { restore: { ...emptyResult(input), createdOid: oid } }),
  })
}

const stageOf = { schema: 'pre_data', data: 'data', indexes: 'indexes' } as const satisfies Record<RestoreProgress['phase'], StageName>
const phases = {
  schema: 'creating the tables',
  data: 'streaming the data',
  indexes: 'building indexes and constraints',
} satisfies Record<RestoreProgress['phase'], string>

async function stream(
  context: RunContext,
  options: { input: CloneInput; source: Connection; connection: Connection; ready: ReadyClone },
): Promise<Cloned> {
  const { input, ready } = options
  const dropGrants = input.missingRoles === 'drop_grants'
  const stages = stageWatch(context)
  context.progress({ phase: 'taking a snapshot' })
  const cloned = await cloneDatabase(options.source, options.connection, {
    stagingDir: context.stagingDir,
    dumpTool: ready.tools.dump.path,
    restoreTool: ready.tools.restore.path,
    jobs: input.jobs,
    signal: context.signal,
    settings: ready.source.settings ?? {},
    noOwner: dropGrants,
    noPrivileges: dropGrants,
    roleMap: roleMapOf(input),
    rewriteToc: (toc) => mapRolesOfToc(toc, roleMapOf(input)),
    onProgress: (progress) => {
      stages.enter(stageOf[progress.phase])
      context.progress({
        phase: phases[progress.phase],
        doneItems: progress.tablesDone,
        totalItems: progress.tablesTotal,
        itemNoun: 'table',
        doneBytes: progress.rawBytes,
        totalBytes: Math.max(progress.bytesTotal, progress.rawBytes),
      })
    },
  })
  await stages.end()
  return cloned
}
