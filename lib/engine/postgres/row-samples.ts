import type { RowComparison } from '#lib/domain/plan.ts'
import { digestBytes } from './digest-record.ts'
import { type DigestSource, scanRows } from './digest-rows.ts'
import type { FieldHead } from './row-digests.ts'
import { decodeText } from './text-encoding.ts'

export type Sample = RowComparison['samples'][number]
export interface Wanted {
  kind: Sample['kind']
  backup: FieldHead[] | null
  live: FieldHead[] | null
}
interface Reading {
  /** by digest of the key, as latin1 */
  wanted: Map<string, Wanted>
  /** the columns that are compared, in the live text's order */
  names: readonly string[]
  key: readonly string[]
  /** in the backup's text */
  backup: { columns: readonly string[] }
  encoding: string
  secret: Buffer
  signal: AbortSignal
  fromBackup: () => Promise<DigestSource>
  fromLive: () => Promise<DigestSource>
}

const shownCharacters = 120

/**
 * Reads both sides a second time for the values of some rows: digests do not tell them. The live side last, as a reader that has found
 * all it wants ends the session.
 */
export async function readSamples(reading: Reading): Promise<Sample[]> {
  const { wanted, names, backup } = reading
  await find(reading, 'backup', reading.fromBackup, ['different', 'only_backup'])
  await find(reading, 'live', reading.fromLive, ['different', 'only_live'])
  const inBackup = names.map((name) => backup.columns.indexOf(name))
  return [...wanted.values()].map((one) => {
    const left = one.backup && inBackup.map((index) => one.backup?.[index] ?? null)
    const right = one.live
    const show = (field: FieldHead | null | undefined) => shown(field ?? null, reading.encoding)
    const columns = names
      .map((name, index) => ({ name, left: left?.[index], right: right?.[index] }))
      .filter((column) => one.kind !== 'different' || column.left?.digest !== column.right?.digest)
      .map((column) => ({ name: column.name, backup: show(column.left), live: show(column.right) }))
    const key = reading.key.map((name) => show((left ?? right)?.[names.indexOf(name)]))
    return { kind: one.kind, key, columns }
  })
}

async function find(reading: Reading, side: 'backup' | 'live', open: () => Promise<DigestSource>, kinds: readonly Sample['kind'][]): Promise<void> {
  let left = [...reading.wanted.values()].filter((one) => kinds.includes(one.kind)).length
  if (left === 0) return
  await scanRows(
    await open(),
    reading,
    (row) => {
      const one = reading.wanted.get(row.record.toString('latin1', 0, digestBytes))
      if (one === undefined || !kinds.includes(one.kind) || one[side] !== null) return
      one[side] = row.fields()
      left--
    },
    () => left === 0,
  )
}

/** COPY text, cut; null is NULL. */
function shown(field: FieldHead | null, encoding: string): string | null {
  if (field === null || (field.length === 2 && field.head.toString('latin1') === '\\N')) return null
  const text = decodeText(field.head, encoding)
  if (field.length === field.head.length && text.length <= shownCharacters) return text
  // no half character at the end
  return `${text.slice(0, shownCharacters).replace(/[\uD800-\uDBFF\uFFFD]$/, '')}…`
}
