import type { Client } from 'pg'
import type { Cloned } from './clone.ts'
import type { CopiedTable } from './clone-data.ts'
import { type LargeObject, readLargeObjects, streamLargeObjects } from './clone-objects.ts'
import { type TableRead, TextHash, together } from './clone-read.ts'
import { readSequences } from './clone-snapshot.ts'
import { type CloneTable, copyOutStatement, readCloneRelations } from './clone-tables.ts'
import { type Connection, inReadTransaction } from './connection.ts'
import { copyOut } from './copy-out.ts'
import { cutOnAbort, openCopySession } from './copy-session.ts'
import { sessionSettings } from './restore.ts'
import { whileMoving } from './stall.ts'

export interface ComparedTable {
  schema: string
  table: string
  rows: number
  /** same: to the byte and in the same order. same_rows: every row to the byte */
  verdict: 'same' | 'same_rows' | 'differs' | 'missing'
}
export interface CloneComparison {
  tables: ComparedTable[]
  /** what is not rows of a table and is not as in the source, with the cause */
  different: { object: string; cause: string }[]
}
export interface CompareOptions {
  jobs: number
  signal: AbortSignal
  settings: Record<string, string>
  /** owners and privileges were left out on purpose */
  withoutGrants: boolean
  /** no byte read for so long: ended, code `stalled`; default 600 s */
  stallMs?: number
  onTable?(): void
}

/**
 * Reads the target again, every table and large object as the source was read, and compares the hashes; then the sequences. Rows that belong
 * into other leaves than in the source are compared over all leaves of their root. Writes nothing, also not to this machine.
 */
export async function compareClone(target: Connection, cloned: Cloned, options: CompareOptions): Promise<CloneComparison> {
  return await whileMoving('The reading of the clone', options.stallMs, options.signal, ({ signal, touch }) =>
    compareAll(target, cloned, { ...options, signal, touch }),
  )
}

interface Comparing extends CompareOptions {
  touch(): void
}

async function compareAll(target: Connection, cloned: Cloned, options: Comparing): Promise<CloneComparison> {
  const client = await openCopySession(target, { signal: options.signal, writable: false, settings: sessionSettings(options.settings) })
  const unwatch = cutOnAbort(client, options.signal)
  try {
    const { tables, objects, different } = await inReadTransaction(
      client,
      async () => ({
        tables: (await readCloneRelations(client)).tables,
        objects: await readLargeObjects(client),
        different: await compareSequences(client, cloned),
      }),
      { statementTimeoutMs: 0 },
    )
    const there = new Map(tables.map((table) => [key(table), table]))
    const reads = await readTables(target, cloned, there, options)
    different.push(...(await compareObjects(client, cloned, objects, options)))
    return { tables: judge(cloned.tables, reads), different }
  } catch (error) {
    options.signal.throwIfAborted()
    throw error
  } finally {
    unwatch()
    await client.end().catch(() => {})
  }
}

async function readTables(
  target: Connection,
  cloned: Cloned,
  there: ReadonlyMap<string, CloneTable>,
  options: Comparing,
): Promise<Map<CopiedTable, TableRead>> {
  const reads = new Map<CopiedTable, TableRead>()
  const waiting = [...cloned.tables].sort((a, b) => b.rawBytes - a.rawBytes)
  const one = async () => {
    const client = await openCopySession(target, { signal: options.signal, writable: false, settings: sessionSettings(options.settings) })
    const unwatch = cutOnAbort(client, options.signal)
    try {
      for (let copied = waiting.shift(); copied; copied = waiting.shift()) {
        const table = there.get(key(copied.table))
        if (table !== undefined)
          reads.set(copied, await readWhole(client, copied, table, { encoding: cloned.snapshot.encoding, touch: options.touch }))
        options.onTable?.()
      }
    } finally {
      unwatch()
      await client.end().catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: Math.min(Math.max(1, options.jobs), waiting.length) }, one))
  return reads
}

/** With the columns of the source, so that a column which came back in another place, or not at all, shows. */
async function readWhole(
  client: Client,
  copied: CopiedTable,
  table: CloneTable,
  { encoding, touch }: { encoding: string; touch(): void },
): Promise<TableRead> {
  const hash = new TextHash(copied.lineSum === null)
  const same = copied.table.columns.length === table.columns.length
  if (!same) return { rows: 0, rawBytes: 0, rawSha256: null, lineSum: null }
  const statement = copyOutStatement({ ...table, columns: copied.table.columns }, null, encoding)
  for await (const piece of copyOut(client, statement)) {
    touch()
    hash.update(piece)
  }
  return hash.digest()
}

function judge(copied: readonly CopiedTable[], reads: ReadonlyMap<CopiedTable, TableRead>): ComparedTable[] {
  const roots = new Map<string, CopiedTable[]>()
  for (const one of copied) if (one.table.root !== null) roots.set(key(one.table.root), [...(roots.get(key(one.table.root)) ?? []), one])
  const rootsSame = new Map(
    [...roots].map(([root, leaves]) => {
      const found = leaves.flatMap((leaf) => reads.get(leaf) ?? [])
      return [root, found.length === leaves.length && isSame(together(leaves), together(found))]
    }),
  )
  return copied.map((one): ComparedTable => {
    const { schema, table, root } = one.table
    const read = reads.get(one)
    if (read === undefined) return { schema, table, rows: 0, verdict: 'missing' }
    const same = root === null ? isSame(one, read) : rootsSame.get(key(root)) === true
    return { schema, table, rows: read.rows, verdict: !same ? 'differs' : read.rawSha256 === null ? 'same_rows' : 'same' }
  })
}

function isSame(one: TableRead, other: TableRead): boolean {
  return one.rows === other.rows && one.rawBytes === other.rawBytes && one.rawSha256 === other.rawSha256 && one.lineSum === other.lineSum
}

async function compareSequences(client: Client, { snapshot }: Cloned): Promise<CloneComparison['different']> {
  const there = new Set((await readCloneRelations(client)).sequences.map((one) => key({ schema: one.schema, table: one.name })))
  const nameOf = (one: { schema: string; name: string }) => key({ schema: one.schema, table: one.name })
  const now = await readSequences(
    client,
    snapshot.sequences.filter((one) => there.has(nameOf(one))),
  )
  const states = new Map(now.map((one) => [nameOf(one), one]))
  return snapshot.sequences.flatMap((wanted) => {
    const found = states.get(nameOf(wanted))
    if (found?.lastValue === wanted.lastValue && found.isCalled === wanted.isCalled) return []
    const cause = found === undefined ? 'It is not in the clone.' : `It stands at ${found.lastValue} instead of ${wanted.lastValue}.`
    return [{ object: `SEQUENCE ${wanted.schema}.${wanted.name}`, cause }]
  })
}

async function compareObjects(
  client: Client,
  { snapshot, largeObjectsSha256 }: Cloned,
  found: readonly LargeObject[],
  options: Comparing,
): Promise<CloneComparison['different']> {
  if (snapshot.largeObjects.length === 0) return []
  const hash = new TextHash(true)
  await inReadTransaction(
    client,
    async () => {
      for await (const piece of streamLargeObjects(client, found)) {
        options.touch()
        hash.update(piece)
      }
    },
    { statementTimeoutMs: 0 },
  )
  if (hash.digest().rawSha256 !== largeObjectsSha256) {
    return [{ object: 'large objects', cause: `They differ from the source (${found.length} of ${snapshot.largeObjects.length} are there).` }]
  }
  const described = ({ owner, privileges, comment, labels }: LargeObject) =>
    JSON.stringify(options.withoutGrants ? [comment, labels] : [owner, privileges, comment, labels])
  const different = snapshot.largeObjects.filter((object, index) => described(object) !== described(found[index] ?? object))
  return different.length === 0
    ? []
    : [{ object: `${different.length} large objects`, cause: 'Their owners, privileges, comments or labels are not those of the source.' }]
}

function key({ schema, table }: { schema: string; table: string }): string {
  return JSON.stringify([schema, table])
}
