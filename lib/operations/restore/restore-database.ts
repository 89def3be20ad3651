import type { Manifest } from '#lib/domain/manifest.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { createRoles, type Globals } from '#lib/engine/postgres/globals.ts'
import { type RestoreProgress, restoreArchive } from '#lib/engine/postgres/restore.ts'
import { pinExtensions } from '#lib/engine/postgres/pin-extensions.ts'
import { parseToc } from '#lib/engine/postgres/toc.ts'
import { recordResult } from '../run/record-result.ts'
import type { RunContext } from '../run-context.ts'
import { compareWithManifest } from './compare.ts'
import type { FullRestore } from './definition.ts'
import type { FetchedCopy } from './fetch.ts'
import { readFreshSchema } from './fresh-schema.ts'
import type { TargetServer } from './look-at-target.ts'
import { makeDatabase } from './make-database.ts'
import type { PlannedRestore } from './make-plan.ts'
import { type ReadyPlan, requireReady } from './plan-and-fetch.ts'
import { databaseLike, readGlobalsEntry, readToc } from './read-entries.ts'
import { type Compared, emptyResult } from './report.ts'
import { roleMapOf } from './role-map.ts'
import { stage, type StageName, stageWatch } from './stages.ts'
import { undoCreated } from './undo-created.ts'

type Input = FullRestore
const jobs = 2

/** A database that was made, filled and compared with the manifest. */
export interface RestoredDatabase {
  oid: number
  connection: Connection
  /** to another database of that server */
  door: Connection
  globals: Globals
  compared: Compared
}

/**
 * Creates the database `input.targetDbname`, restores the fetched copy into it and compares it with the manifest, then lets `finish` complete
 * it. Whatever throws on the way, also `finish`: what this attempt created is dropped, by its OID, and the error says what is left.
 */
export async function restoreDatabase<T>(
  context: RunContext,
  options: { input: Input; planned: PlannedRestore; fetched: FetchedCopy },
  finish: (restored: RestoredDatabase) => Promise<T>,
): Promise<T> {
  const { input, planned } = options
  const fetched = { ...options.fetched, roleMap: roleMapOf(input) }
  const ready = requireReady(planned)
  const { target, tool } = ready

  const globals = await readGlobalsEntry(fetched)
  const oid = await begin(context, { input, fetched, globals, target })
  const connection: Connection = { ...target.connection, dbname: input.targetDbname }
  try {
    await restoreInto(context, { fetched, connection, toolPath: tool.path, input, target })
    const compared = await stage(context, 'comparing', () => compareRestored(context, { connection, fetched, globals, planned: ready, input }))
    return await finish({ oid, connection, door: target.connection, globals, compared })
  } catch (error) {
    throw await undoCreated(context, { connection: target.connection, oid, input, error })
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
  return makeDatabase(context, {
    door: target.connection,
    name: input.targetDbname,
    like: await databaseLike(fetched),
    record: (oid) => recordResult(context, { restore: { ...emptyResult(input), createdOid: oid } }),
  })
}

async function compareRestored(
  context: RunContext,
  options: { connection: Connection; fetched: FetchedCopy; globals: Globals; planned: ReadyPlan; input: Input },
): Promise<Compared> {
  const { connection, fetched, globals, planned } = options
  const dropGrants = options.input.missingRoles === 'drop_grants'
  const toc = await readToc(fetched)
  const like = await databaseLike(fetched)
  return compareWithManifest(context, {
    connection,
    fetched,
    toc: parseToc(toc),
    how: { dropGrants, databaseApart: globals.database !== undefined, rolesMapped: Object.keys(roleMapOf(options.input)).length > 0 },
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
        ...definitionsHow(planned.target, fetched.manifest),
      }),
  })
}

/** How definitions are brought to a server that lacks something, as the confirmed plan said. */
function definitionsHow(target: TargetServer, manifest: Manifest): { noTablespaces: boolean; byStatements: boolean } {
  return {
    noTablespaces: target.missingTablespaces.length > 0,
    byStatements: Math.floor(target.versionNum / 10_000) < Math.floor(manifest.versions.serverNum / 10_000),
  }
}

/** Extensions that the target offers in the backup's version, and would create in another. */
function pinned(target: TargetServer): Map<string, string> {
  const other = target.extensions.filter((one) => one.available.includes(one.wanted) && one.byDefault !== one.wanted)
  return new Map(other.map((one) => [one.name, one.wanted]))
}

const stageOf = { schema: 'pre_data', data: 'data', indexes: 'indexes' } as const satisfies Record<RestoreProgress['phase'], StageName>
const restoring = {
  schema: 'restoring the schema',
  data: 'restoring the data',
  indexes: 'building indexes and constraints',
} satisfies Record<RestoreProgress['phase'], string>

async function restoreInto(
  context: RunContext,
  options: { fetched: FetchedCopy; connection: Connection; toolPath: string; input: Input; target: TargetServer },
): Promise<void> {
  const { fetched } = options
  const { manifest } = fetched
  const largeObjects = manifest.entries.find((entry) => entry.kind === 'large_objects')
  const dropGrants = options.input.missingRoles === 'drop_grants'
  const stages = stageWatch(context)
  await restoreArchive(options.connection, {
    stagingDir: context.stagingDir,
    toolPath: options.toolPath,
    toc: pinExtensions(await readToc(fetched), pinned(options.target)),
    entries: new Map(manifest.entries.flatMap((entry) => (entry.dumpId === undefined ? [] : [[entry.dumpId, () => fetched.open(entry)]]))),
    largeObjects: largeObjects === undefined ? null : () => fetched.open(largeObjects),
    jobs,
    signal: context.signal,
    settings: manifest.settings,
    noOwner: dropGrants,
    noPrivileges: dropGrants,
    ...definitionsHow(options.target, manifest),
    onProgress: (progress) => {
      stages.enter(stageOf[progress.phase])
      context.progress({
        phase: restoring[progress.phase],
        doneItems: progress.tablesDone,
        totalItems: progress.tablesTotal,
        itemNoun: 'table',
        doneBytes: progress.rawBytes,
        totalBytes: Math.max(manifest.totals.rawBytes, progress.rawBytes),
      })
    },
  })
  await stages.end()
}
