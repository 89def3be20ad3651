import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import type { BackupTable } from './backup-table.ts'
import { copyOut } from './copy-out.ts'
import { digestInto } from './digest-rows.ts'
import type { ForeignKey, KeyTable } from './foreign-keys.ts'
import { joinRecords } from './join-records.ts'
import { quotedTable, quoteText } from './live-table.ts'
import { quoteName } from './quote-name.ts'
import type { RowShape } from './row-digests.ts'
import { SortedRecords } from './sorted-records.ts'

interface Looking {
  backup: BackupTable
  /** of the live table */
  oid: number
  stagingDir: string
  signal: AbortSignal
}

/**
 * How many rows would refer to a row that is not there, if the table held the backup's rows: rows of other tables for a key that refers to
 * it, rows of the backup for its own. Anti-joined on the worker by keyed digests, under the session's snapshot; nothing is written on the
 * server. null: the backup has not the key's columns. Text decides; where `exact` is false, a number above 0 may be too high.
 */
export async function countOrphans(client: Client, key: ForeignKey, looking: Looking): Promise<number | null> {
  const { backup } = looking
  const ownSide = key.incoming ? key.toColumns : key.columns
  if (!ownSide.every((name) => backup.columns.includes(name))) return null
  if (key.incoming && key.outgoing && !key.columns.every((name) => backup.columns.includes(name))) return null
  return await withSides(looking.stagingDir, async (there, referring) => {
    const reading = { secret: randomBytes(32), signal: looking.signal }
    const fromBackup = async (into: SortedRecords, names: readonly string[]) => {
      const shape = shapeOf(
        backup.columns.length,
        names.map((name) => backup.columns.indexOf(name)),
      )
      await digestInto(into, { pieces: await backup.open(), endMark: true, shape }, reading)
    }
    const fromLive = async (into: SortedRecords, table: KeyTable, names: readonly string[], rest = '') => {
      const columns = names.map((name, index) => `${quoteName(name)}::${key.types[index] ?? 'pg_catalog.text'}`)
      const statement = `COPY (SELECT ${columns.join(', ')} FROM ${table.kind === 'p' ? '' : 'ONLY '}${quotedTable(table)}${rest}) TO STDOUT WITH (ENCODING ${quoteText(backup.encoding)})`
      await digestInto(
        into,
        {
          pieces: copyOut(client, statement),
          endMark: false,
          shape: shapeOf(
            names.length,
            names.map((_, index) => index),
          ),
        },
        reading,
      )
    }
    if (key.incoming) {
      await fromBackup(there, key.toColumns)
      // rows of the other partitions stay
      if (key.to.oid !== looking.oid) await fromLive(there, key.to, key.toColumns, ` WHERE tableoid <> ${looking.oid}`)
      if (key.outgoing) await fromBackup(referring, key.columns)
      if (key.from.oid !== looking.oid) await fromLive(referring, key.from, key.columns, key.outgoing ? ` WHERE tableoid <> ${looking.oid}` : '')
    } else {
      await fromLive(there, key.to, key.toColumns)
      await fromBackup(referring, key.columns)
    }
    let orphans = 0
    await joinRecords(there, referring, ({ same, onlyLeft, onlyRight }) => {
      if (same + onlyLeft === 0) orphans += onlyRight
    })
    return orphans
  })
}

function shapeOf(columns: number, places: readonly number[]): RowShape {
  return { columns, kept: places, key: places, skipNullKeys: true }
}

async function withSides<T>(stagingDir: string, work: (left: SortedRecords, right: SortedRecords) => Promise<T>): Promise<T> {
  const left = new SortedRecords(stagingDir)
  const right = new SortedRecords(stagingDir)
  try {
    return await work(left, right)
  } finally {
    await left.close()
    await right.close()
  }
}
