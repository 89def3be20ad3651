import { Readable } from 'node:stream'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Manifest, manifest as manifestSchema } from '#lib/domain/manifest.ts'
import type { DumpResult } from '#lib/engine/postgres/dump.ts'
import type { Preflight, ServerFacts } from '#lib/engine/postgres/preflight.ts'
import type { DerivedKeys } from '#lib/engine/seal/keys.ts'
import { manifestSha256, sealManifest } from '#lib/engine/seal/manifest.ts'
import { version } from '#lib/domain/version.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { RunContext } from '../../run-context.ts'
import { assertSomeoneLives, living, noteVersion, type Target } from './fan-out.ts'
import type { StoredEntry } from './store-entries.ts'

export interface BegunBackup {
  id: string
  name: string
  path: string
  tier: Manifest['tier']
  attempt: string
  /** by the catalogue's clock, as retention goes by it; of an imported backup, when its file was made */
  snapshotAt: Date
  startedAt: Date
}

/** Puts the names from the table of contents onto the stored entries. A stored table that the table of contents does not know is a defect. */
export function buildManifest(options: {
  backup: BegunBackup
  finishedAt: Date
  database: DatabaseRow
  looked: { server: ServerFacts; needs: Preflight['needs']; settings: Manifest['settings'] }
  dumped: DumpResult
  stored: readonly StoredEntry[]
  previousManifestSha256: string | null
  origin?: Manifest['origin']
}): Manifest {
  const { backup, database, looked, dumped } = options
  const entries = options.stored.map((stored) => namedEntry(stored, dumped)).sort((a, b) => a.ordinal - b.ordinal)
  const tables = entries.filter((entry) => entry.kind === 'table')
  const sum = (pick: (entry: (typeof entries)[number]) => number): number => entries.reduce((total, entry) => total + pick(entry), 0)
  return manifestSchema.parse({
    format: 'lifeboat/1',
    backupId: backup.id,
    attempt: backup.attempt,
    path: backup.path,
    name: backup.name,
    tier: backup.tier,
    database: {
      id: database.id,
      name: database.name,
      dbname: database.dbname,
      host: database.host,
      port: database.port,
      systemIdentifier: looked.server.systemIdentifier,
      oid: looked.server.oid,
    },
    previousManifestSha256: options.previousManifestSha256,
    versions: {
      lifeboat: version,
      server: looked.server.version,
      serverNum: looked.server.versionNum,
      tool: dumped.toolVersion,
      archive: dumped.archiveVersion,
    },
    settings: looked.settings,
    needs: { ...looked.needs, largeObjects: dumped.largeObjects },
    timings: { snapshotAt: backup.snapshotAt.toISOString(), startedAt: backup.startedAt.toISOString(), finishedAt: options.finishedAt.toISOString() },
    entries,
    totals: {
      entries: entries.length,
      tables: tables.length,
      rows: sum((entry) => entry.rows ?? 0),
      rawBytes: sum((entry) => entry.rawBytes),
      storedBytes: sum((entry) => entry.storedBytes),
    },
    // what is held against the history is the document itself; takeBackup adds it
    suspicious: null,
    ...(options.origin ? { origin: options.origin } : {}),
  })
}

function namedEntry(stored: StoredEntry, dumped: DumpResult): Manifest['entries'][number] {
  const { newlines, ...entry } = stored
  if (entry.kind !== 'table') return entry
  const table = entry.dumpId === undefined ? undefined : dumped.tables.get(entry.dumpId)
  if (table === undefined) throw new Error(`the table of contents does not know data file ${entry.dumpId}`)
  return {
    ...entry,
    schema: table.schema,
    table: table.table,
    // COPY text ends with "\.\n\n\n": FACTS, three newlines that are no rows
    rows: newlines - 3,
    ...(table.viaPartitionRoot ? { viaPartitionRoot: true } : {}),
  }
}

/** Writes the sealed manifest to every living target and returns its SHA-256. From here on the copies exist. */
export async function storeManifest(
  context: RunContext,
  options: { manifest: Manifest; backupKey: Buffer; keys: DerivedKeys; targets: readonly Target[] },
): Promise<string> {
  const sealed = await sealManifest({ manifest: options.manifest, backupKey: options.backupKey, signing: options.keys.signing })
  await Promise.all(
    living(options.targets).map(async (target) => {
      try {
        const key = `${options.manifest.path}/manifest`
        noteVersion(target, key, await target.driver.put(key, Readable.from([sealed]), { signal: context.signal, sizeHint: sealed.length }))
      } catch (error) {
        context.signal.throwIfAborted()
        target.problem = asLifeboatError(error)
      }
    }),
  )
  assertSomeoneLives(options.targets)
  return manifestSha256(sealed)
}
