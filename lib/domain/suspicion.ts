import { formatBytes, formatCount } from './units.ts'

/** What a backup holds, as far as suspicion looks: sizes are raw bytes, before compression. */
export interface Measured {
  rows: number
  rawBytes: number
  tables: readonly { schema: string; table: string; rows: number; rawBytes: number }[]
}

/** A backup this much smaller than the median of those before it is kept, but looked at before it counts. FAULTS 17. */
const shrink = 0.1
const growth = 10
const growthFloorBytes = 100 * 2 ** 20
/** A table that fell empty is told when it held this much; a queue that is empty at night is nothing. */
const emptiedRows = 100
const emptiedShare = 0.05

/**
 * Why a backup is suspicious, in sentences; null: it is not. `earlier`: raw bytes of the last ones that count, at most ten; `previous`: the
 * newest of them. A backup that a person did not find fine never becomes the measure of those after it: an emptied database would be its own
 * norm after a few days.
 */
export function suspicionOf(now: Measured, previous: Measured | null, earlier: readonly number[]): string | null {
  // a person who found an empty one fine has said that it may be empty
  if (now.rows === 0) return previous?.rows === 0 ? null : 'The database holds no rows.'
  const said = [previous === null ? null : goneTables(now, previous), previous === null ? null : emptied(now, previous), sizeOf(now, earlier)]
  return said.filter((one) => one !== null).join(' ') || null
}

function goneTables(now: Measured, previous: Measured): string | null {
  const here = new Set(now.tables.map(nameOf))
  const kinds = new Set(now.tables.map(kindOf))
  // where one of a row of numbered tables goes and its like stays, partitions are rotated as every day
  const gone = previous.tables.filter((one) => one.rows > 0 && !here.has(nameOf(one)) && !(/\d/.test(one.table) && kinds.has(kindOf(one))))
  if (gone.length === 0) return null
  return `${gone.length === 1 ? 'A table that held rows is' : `${formatCount(gone.length)} tables that held rows are`} gone: ${listed(gone)}.`
}

function emptied(now: Measured, previous: Measured): string | null {
  const rows = new Map(now.tables.map((one) => [nameOf(one), one.rows]))
  const empty = previous.tables.filter(
    (one) => rows.get(nameOf(one)) === 0 && one.rows >= emptiedRows && one.rawBytes >= previous.rawBytes * emptiedShare,
  )
  if (empty.length === 0) return null
  return `${empty.length === 1 ? 'A table' : `${formatCount(empty.length)} tables`} lost every row: ${listed(empty)}.`
}

function sizeOf(now: Measured, earlier: readonly number[]): string | null {
  const median = [...earlier].sort((a, b) => a - b)[Math.floor(earlier.length / 2)]
  if (median === undefined || median === 0) return null
  const against = `against the median of the last ${formatCount(earlier.length, 'backup')}.`
  if (now.rawBytes < median * shrink) return `The data shrank by ${Math.floor(100 * (1 - now.rawBytes / median))} % ${against}`
  if (now.rawBytes > median * growth && now.rawBytes - median > growthFloorBytes) {
    return `The data grew from ${formatBytes(median)} to ${formatBytes(now.rawBytes)} ${against}`
  }
  return null
}

type Table = Measured['tables'][number]

function nameOf({ schema, table }: Table): string {
  return JSON.stringify([schema, table])
}

/** `events_2026_01` and `events_2026_02` are of one kind. */
function kindOf({ schema, table }: Table): string {
  return JSON.stringify([schema, table.replaceAll(/\d+/g, '#')])
}

function listed(tables: readonly Table[]): string {
  const names = tables.slice(0, 5).map(({ schema, table, rows }) => `${schema}.${table} (${formatCount(rows, 'row')})`)
  return tables.length > 5 ? `${names.join(', ')} and ${formatCount(tables.length - 5)} more` : names.join(', ')
}
