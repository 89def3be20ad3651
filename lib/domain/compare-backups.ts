import type { BackupDetail, TableChange } from './views.ts'

type Content = BackupDetail['contents'][number]

/**
 * What happened to each table on the way from the older to the newer backup; a table counts as the same only if its bytes are.
 * Order: gone, new, changed by how much they grew or shrank, then the same.
 */
export function compareBackups(older: readonly Content[], newer: readonly Content[]): TableChange[] {
  const before = tablesByName(older)
  const after = tablesByName(newer)
  const changes = [...new Set([...before.keys(), ...after.keys()])].map((key) => changeOf(before.get(key), after.get(key)))
  return changes.sort((a, b) => rank[a.change] - rank[b.change] || moved(b) - moved(a) || nameOf(a).localeCompare(nameOf(b)))
}

/** How many tables are new, gone, changed, the same. */
export function countChanges(changes: readonly TableChange[]): Record<TableChange['change'], number> {
  const counts = { new: 0, gone: 0, changed: 0, same: 0 }
  for (const one of changes) counts[one.change] += 1
  return counts
}

const rank = { gone: 0, new: 1, changed: 2, same: 3 } satisfies Record<TableChange['change'], number>

/** A partition or table that pg_dump split into several entries is summed up. */
function tablesByName(contents: readonly Content[]): Map<string, Content> {
  const tables = new Map<string, Content>()
  for (const one of contents) {
    if (one.kind !== 'table') continue
    const key = JSON.stringify([one.schema, one.name])
    const known = tables.get(key)
    tables.set(key, known === undefined ? one : merge(known, one))
  }
  return tables
}

function merge(a: Content, b: Content): Content {
  return {
    ...a,
    rows: a.rows === null || b.rows === null ? null : a.rows + b.rows,
    rawBytes: a.rawBytes + b.rawBytes,
    storedBytes: a.storedBytes + b.storedBytes,
    rawSha256: `${a.rawSha256} ${b.rawSha256}`,
  }
}

function changeOf(before: Content | undefined, after: Content | undefined): TableChange {
  const named = after ?? before
  return {
    schema: named?.schema ?? '',
    table: named?.name ?? '',
    change: before === undefined ? 'new' : after === undefined ? 'gone' : before.rawSha256 === after.rawSha256 ? 'same' : 'changed',
    rowsBefore: before?.rows ?? null,
    rowsAfter: after?.rows ?? null,
    rawBytesBefore: before?.rawBytes ?? null,
    rawBytesAfter: after?.rawBytes ?? null,
  }
}

function moved(change: TableChange): number {
  return Math.abs((change.rawBytesAfter ?? 0) - (change.rawBytesBefore ?? 0))
}

function nameOf(change: TableChange): string {
  return `${change.schema}.${change.table}`
}
