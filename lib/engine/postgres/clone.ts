import type { RoleMap } from './map-role-names.ts'
import { mapRolesOfObjects } from './map-roles.ts'
import { openCopySession } from './copy-session.ts'
import { type CloneSnapshot, openSnapshot, type SequenceState } from './clone-snapshot.ts'
import { sourceSafe } from './clone-error.ts'
import { type CopiedData, streamData } from './clone-data.ts'
import { qualified } from './clone-tables.ts'
import type { Connection } from './connection.ts'
import { dump } from './dump.ts'
import { whileMoving } from './stall.ts'
import { restoreArchive, type RestoreProgress, sessionSettings } from './restore.ts'

export interface CloneOptions {
  /** private 0700 directory: definitions and the password file only, removed afterwards; never a row */
  stagingDir: string
  /** pg_dump for the source, which also has to know the target's major; from chooseTool */
  dumpTool: string
  /** pg_restore of at least that major */
  restoreTool: string
  /** pairs of sessions that stream data, and sessions that build indexes */
  jobs: number
  signal: AbortSignal
  /** as preflight reads them on the source */
  settings: Record<string, string>
  noOwner?: boolean
  noPrivileges?: boolean
  /** tables of more bytes than this may be read in several ranges; default smallestCut */
  cutAbove?: number
  /** no byte of data moved for so long: ended, code `stalled`; default 600 s */
  stallMs?: number
  /** changes the table of contents before it is used, as for other roles */
  rewriteToc?(toc: Buffer): Buffer | Promise<Buffer>
  /** role of the source -> role of the target, for large objects, which the table of contents does not name */
  roleMap?: RoleMap
  onProgress?(progress: RestoreProgress & { tablesTotal: number; bytesTotal: number }): void
}
/** What was streamed: to be held against the target by compareClone. */
export interface Cloned extends CopiedData {
  /** toc.dat of the source's definitions, as they were restored */
  toc: Buffer
  snapshot: Pick<CloneSnapshot, 'encoding' | 'sequences' | 'largeObjects' | 'withoutRows' | 'inRecovery'>
}

/**
 * Clones the database that `source` names into the existing, empty one that `target` names, with nothing in between: definitions by pg_dump on
 * an exported snapshot, the rows of that same moment by COPY … TO STDOUT streamed into COPY … FROM STDIN, then indexes, constraints, privileges
 * and refreshed views by pg_restore. What is written to the source meanwhile does not show. Takes ACCESS SHARE on its tables until the rows are
 * through, and nothing else. On error or abort nothing of this application_name goes on working on the target.
 */
export async function cloneDatabase(source: Connection, target: Connection, options: CloneOptions): Promise<Cloned> {
  const { stagingDir, signal, jobs } = options
  const settings = sessionSettings(options.settings)
  const snapshot = await openSnapshot(source, signal)
  snapshot.largeObjects = mapRolesOfObjects(snapshot.largeObjects, options.roleMap ?? {})
  try {
    const toc = await readDefinitions(source, snapshot.id, options)
    let copied: CopiedData | null = null
    const bytesTotal = snapshot.tables.reduce((sum, table) => sum + table.bytes, 0)
    await restoreArchive(target, {
      stagingDir,
      signal,
      jobs,
      settings,
      toc,
      noOwner: options.noOwner,
      noPrivileges: options.noPrivileges,
      toolPath: options.restoreTool,
      entries: new Map(),
      largeObjects: null,
      untouched: sourceSafe,
      onProgress: (progress) => options.onProgress?.({ ...progress, tablesTotal: snapshot.tables.length, bytesTotal }),
      async load(load) {
        const withoutGrants = options.noPrivileges === true
        const stream = { source, target, snapshot, jobs, settings, withoutGrants, cutAbove: options.cutAbove, ...load }
        copied = await whileMoving('The stream of rows', options.stallMs, load.signal, (moving) =>
          streamData({
            ...stream,
            signal: moving.signal,
            onBytes(count) {
              moving.touch()
              load.onBytes(count)
            },
          }),
        )
        await setSequences(target, snapshot.sequences, load.signal)
        // the source is done with: indexes may take hours, and a snapshot keeps its rows from being cleaned up
        await snapshot.close()
      },
    })
    if (copied === null) throw new Error('the data was never streamed')
    const { encoding, sequences, largeObjects, withoutRows, inRecovery } = snapshot
    return { ...(copied as CopiedData), toc, snapshot: { encoding, sequences, largeObjects, withoutRows, inRecovery } }
  } finally {
    await snapshot.close()
  }
}

async function readDefinitions(source: Connection, snapshot: string, options: CloneOptions): Promise<Buffer> {
  const pieces: Buffer[] = []
  await dump(source, {
    stagingDir: options.stagingDir,
    toolPath: options.dumpTool,
    jobs: 1,
    signal: options.signal,
    definitionsOnly: { snapshot },
    async onEntry(entry) {
      for await (const piece of entry.open()) pieces.push(piece)
    },
  })
  const toc = Buffer.concat(pieces)
  return options.rewriteToc === undefined ? toc : await options.rewriteToc(toc)
}

async function setSequences(target: Connection, sequences: readonly SequenceState[], signal: AbortSignal): Promise<void> {
  if (sequences.length === 0) return
  const client = await openCopySession(target, { signal, writable: true, settings: {} })
  try {
    for (let at = 0; at < sequences.length; at += 1000) {
      const some = sequences.slice(at, at + 1000)
      await client.query(
        `SELECT pg_catalog.count(pg_catalog.setval(s.name::pg_catalog.regclass, s.last, s.called))
         FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.int8[]), pg_catalog.unnest($3::pg_catalog.bool[]))
           AS s(name, last, called)`,
        [some.map(({ schema, name }) => qualified(schema, name)), some.map((one) => one.lastValue), some.map((one) => one.isCalled)],
      )
    }
  } finally {
    await client.end().catch(() => {})
  }
}
