import type { Manifest, ManifestEntry } from '#lib/domain/manifest.ts'
import { type DatabaseHash, hashTables, type TableHash } from '#lib/engine/postgres/compare.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { addLineSums, LineHash } from '#lib/engine/postgres/line-hash.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../run-context.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { compareDefinitions } from './compare-definitions.ts'
import { compareSchema, type How } from './compare-schema.ts'
import type { FetchedCopy } from './fetch.ts'

/** One object that did not come back as it was, with its cause. */
export interface Loss {
  object: string
  cause: string
}
export interface TableResult {
  schema: string
  table: string
  rows: number
  /** same: to the byte. same_rows: every row to the byte, in an order that may be another */
  verdict: 'same' | 'same_rows' | 'differs' | 'missing'
}

/**
 * Dumps the restored database again and compares every table with the manifest, to the byte. A table that once was filled by INSERT or
 * had UPDATEs may lie in another order after its COPY: where only the order can differ, an order-independent hash of the rows decides.
 * Tables that pg_dump loads through their partition root may land in other leaves; those are compared together, by the same hash.
 * The same dump lists the schema's objects, their definitions and the sequences' values, which are held against the backup's own list.
 */
export async function compareWithManifest(
  context: RunContext,
  options: {
    connection: Connection
    fetched: FetchedCopy
    toc: Toc
    how: How
    /** pg_dump of the target's major */
    toolPath: string
    jobs: number
    /** the schema of the same backup, loaded a second time */
    readFresh: () => Promise<{ toc: Toc; findings: Finding[] }>
  },
): Promise<{ tables: TableResult[]; losses: Loss[]; findings: Finding[] }> {
  const { manifest } = options.fetched
  const rooted = manifest.entries.filter((entry) => entry.viaPartitionRoot)
  const hash = (phase: string, lineSums: boolean) =>
    hashTables(options.connection, {
      stagingDir: context.stagingDir,
      toolPath: options.toolPath,
      jobs: options.jobs,
      signal: context.signal,
      settings: manifest.settings,
      lineSums,
      onProgress: (progress) =>
        context.progress({
          phase,
          doneItems: progress.tablesDone,
          totalItems: manifest.totals.tables,
          itemNoun: 'table',
          doneBytes: progress.rawBytes,
          totalBytes: Math.max(manifest.totals.rawBytes, progress.rawBytes),
        }),
    })
  const found = await hash('comparing with the manifest', rooted.length > 0)
  const plain = manifest.entries.filter((entry) => entry.kind === 'table' && !entry.viaPartitionRoot)
  const reordered = plain.filter((entry) => mayBeReordered(entry, found))
  const sums = reordered.length === 0 || rooted.length > 0 ? found : await hash('comparing rows in any order', true)
  const sameRows = new Set<ManifestEntry>()
  for (const entry of reordered) if ((await lineSum(options.fetched.open(entry))) === restoredTable(entry, sums)?.lineSum) sameRows.add(entry)
  const tables = plain.map((entry) => compareTable(entry, found, sameRows.has(entry)))
  const losses = tables.flatMap(lossOf)
  losses.push(...compareLargeObjects(manifest, found))
  const schema = compareSchema(options.toc, found.toc, options.how)
  const definitions = await compareDefinitions(context, schema.differing, found.toc, options.how, options.readFresh)
  losses.push(...schema.losses, ...definitions.losses)
  if (rooted.length > 0) losses.push(...(await compareRooted(options.fetched, rooted, found, tables)))
  return { tables, losses, findings: definitions.findings }
}

function restoredTable(entry: ManifestEntry, found: DatabaseHash): TableHash | undefined {
  return found.tables.find((one) => one.schema === (entry.schema ?? '') && one.table === (entry.table ?? ''))
}

/** As many rows and bytes, and another hash: the same rows in another order, or other rows. */
function mayBeReordered(entry: ManifestEntry, found: DatabaseHash): boolean {
  const restored = restoredTable(entry, found)
  return restored?.rows === entry.rows && restored?.rawBytes === entry.rawBytes && restored?.rawSha256 !== entry.rawSha256
}

function compareTable(entry: ManifestEntry, found: DatabaseHash, sameRows: boolean): TableResult {
  const [schema, table] = [entry.schema ?? '', entry.table ?? '']
  const restored = restoredTable(entry, found)
  if (restored === undefined) return { schema, table, rows: 0, verdict: 'missing' }
  const same = restored.rows === entry.rows && restored.rawSha256 === entry.rawSha256
  return { schema, table, rows: restored.rows, verdict: same ? 'same' : sameRows ? 'same_rows' : 'differs' }
}

function lossOf(result: TableResult): Loss[] {
  if (result.verdict === 'same' || result.verdict === 'same_rows') return []
  const cause =
    result.verdict === 'missing'
      ? 'The table is not in the restored database.'
      : `Its content differs from the backup (${result.rows} rows were restored).`
  return [{ object: `${result.schema}.${result.table}`, cause }]
}

function compareLargeObjects(manifest: Manifest, found: DatabaseHash): Loss[] {
  const entry = manifest.entries.find((one) => one.kind === 'large_objects')
  if (entry === undefined) return []
  if (found.largeObjects?.rawSha256 === entry.rawSha256) return []
  return [
    {
      object: 'large objects',
      cause: `They differ from the backup (${found.largeObjects?.count ?? 0} of ${manifest.needs.largeObjects} were restored).`,
    },
  ]
}

async function compareRooted(fetched: FetchedCopy, entries: ManifestEntry[], found: DatabaseHash, tables: TableResult[]): Promise<Loss[]> {
  const expected = await Promise.all(entries.map(async (entry) => lineSum(fetched.open(entry))))
  const restored = found.tables.filter((one) => one.viaPartitionRoot)
  const rows = (list: readonly { rows?: number }[]): number => list.reduce((sum, one) => sum + (one.rows ?? 0), 0)
  const same = rows(entries) === rows(restored) && addLineSums(expected) === addLineSums(restored.map((one: TableHash) => one.lineSum ?? ''))
  for (const entry of entries) {
    tables.push({ schema: entry.schema ?? '', table: entry.table ?? '', rows: entry.rows ?? 0, verdict: same ? 'same_rows' : 'differs' })
  }
  return same
    ? []
    : [{ object: entries.map((entry) => `${entry.schema}.${entry.table}`).join(', '), cause: 'The rows of these partitions differ from the backup.' }]
}

async function lineSum(source: AsyncIterable<Buffer>): Promise<string> {
  const hash = new LineHash()
  for await (const piece of source) hash.update(piece)
  return hash.digest()
}
