import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { BackupTable } from './backup-table.ts'
import { copyIn } from './copy-in.ts'
import { copyOut } from './copy-out.ts'
import { LineHash } from './line-hash.ts'
import { copyOutOf, nameOf, quotedColumns, quotedTable, quoteText } from './live-table.ts'

const endMark = '\\.\n\n\n'

/** Loads the backup's rows into a table by their own COPY. */
export async function loadRows(
  client: Client,
  backup: BackupTable,
  into: { schema: string; table: string },
  onBytes: (count: number) => void,
): Promise<void> {
  const columns = backup.columns.length === 0 ? '' : ` (${quotedColumns(backup.columns)})`
  await copyIn(client, `COPY ${quotedTable(into)}${columns} FROM STDIN WITH (ENCODING ${quoteText(backup.encoding)})`, await backup.open(), onBytes)
}

/**
 * Reads the table as this transaction has it and holds it against the manifest: to the byte, or every row to the byte in another order.
 * Throws where it is neither.
 */
export async function compareContent(client: Client, backup: BackupTable, table: { schema: string; table: string }): Promise<'same' | 'same_rows'> {
  const statement = copyOutOf(table, backup.columns, backup.encoding)
  const hash = createHash('sha256')
  for await (const piece of copyOut(client, statement)) hash.update(piece)
  if (hash.update(endMark).digest('hex') === backup.rawSha256) return 'same'
  const [live, expected] = [new LineHash(), new LineHash()]
  for await (const piece of copyOut(client, statement)) live.update(piece)
  const raw = createHash('sha256')
  for await (const piece of await backup.open()) {
    raw.update(piece)
    expected.update(piece)
  }
  if (raw.digest('hex') !== backup.rawSha256) throw new LifeboatError('corrupt', `The data of ${nameOf(backup)} is not what the manifest says.`)
  if (live.digest() === expected.digest()) return 'same_rows'
  throw new LifeboatError(
    'failed',
    `The rows of ${nameOf(backup)} would differ from the backup: the live table’s columns change what is written into them.`,
    'Bring the table back beside.',
  )
}
