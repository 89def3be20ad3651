import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { differingObjects } from '#lib/engine/postgres/large-object-compare.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../../run-context.ts'
import { compareWithManifest } from '../compare.ts'
import type { FetchedCopy } from '../fetch.ts'
import { readFreshSchema } from '../fresh-schema.ts'
import type { ReadyPlan } from '../plan-and-fetch.ts'
import { databaseLike, readToc } from '../read-entries.ts'
import type { Compared } from '../report.ts'
import type { PreparedInPlace } from './plan.ts'

/** Holds what was restored, and only that, against the backup. What was left out and what stayed is no part of it. */
export async function compareInPlace(
  context: RunContext,
  options: { connection: Connection; fetched: FetchedCopy; prepared: PreparedInPlace; ready: ReadyPlan; dropGrants: boolean; jobs: number },
): Promise<Compared> {
  const { fetched, prepared, ready, dropGrants } = options
  // all large objects of a database are hashed as one: beside others, which stay, each is compared for itself
  const beside = prepared.live.largeObjectCount - prepared.live.largeObjects.length
  const how = { dropGrants, databaseApart: true, rolesMapped: Object.keys(fetched.roleMap ?? {}).length > 0 }
  const compared = await compareWithManifest(context, {
    connection: options.connection,
    fetched: onlyRestored(fetched, prepared, beside === 0),
    toc: tocOf(prepared),
    how,
    toolPath: ready.compareTool.path,
    jobs: options.jobs,
    readFresh: async () => {
      if (!ready.target.mayCreateDatabases)
        throw new LifeboatError('privileges', 'The connecting role may not create the database that a second load needs.')
      const toc = await readToc(fetched)
      const like = await databaseLike(fetched)
      return readFreshSchema(context, { door: options.connection, toc, like, pgRestore: ready.tool.path, pgDump: ready.compareTool.path, dropGrants })
    },
  })
  const objects = fetched.manifest.entries.find((entry) => entry.kind === 'large_objects')
  if (objects === undefined || beside === 0) return compared
  const differing = await differingObjects(options.connection, fetched.open(objects), context.signal)
  if (differing.length === 0) return compared
  const named = `${differing.slice(0, namedAtMost).join(', ')}${differing.length > namedAtMost ? ` and ${differing.length - namedAtMost} more` : ''}`
  return { ...compared, losses: [...compared.losses, { object: `large objects ${named}`, cause: 'They differ from the backup.' }] }
}

const namedAtMost = 50

/** A manifest of what was restored. */
function onlyRestored(fetched: FetchedCopy, { choice }: PreparedInPlace, withObjects: boolean): FetchedCopy {
  const loaded = new Set(choice.data.map((entry) => entry.dumpId))
  const entries = fetched.manifest.entries.filter((entry) => {
    if (entry.kind === 'table') return entry.dumpId !== undefined && loaded.has(entry.dumpId)
    return entry.kind !== 'large_objects' || withObjects
  })
  return { ...fetched, manifest: { ...fetched.manifest, entries } }
}

function tocOf({ toc, choice }: PreparedInPlace): Toc {
  const wanted = new Set([...choice.create, ...choice.kept].map((entry) => entry.dumpId))
  return { ...toc, entries: toc.entries.filter((entry) => wanted.has(entry.dumpId)) }
}
