import { LifeboatError } from './errors.ts'
import { formatBytes } from './units.ts'

/** Compressed, a database's files shrink to about this share: indexes are not stored at all. Only used while no backup says better. */
export const firstBackupShare = 0.25

/** What is known of a storage's room, in bytes; null: unknown. */
export interface Room {
  name: string
  freeBytes: number | null
  usedBytes: number | null
  budgetBytes: number | null
}

export interface Estimate {
  bytes: number
  /** what it rests on, in words */
  from: string
}

/** How large the next backup will be: as the one before, else a share of the database. null: nothing says. */
export function estimateBackup(known: { previousStoredBytes: number | null; databaseBytes: number | null }): Estimate | null {
  if (known.previousStoredBytes !== null) return { bytes: known.previousStoredBytes, from: 'as large as the backup before it' }
  if (known.databaseBytes === null) return null
  return { bytes: Math.ceil(known.databaseBytes * firstBackupShare), from: `a quarter of the database’s ${formatBytes(known.databaseBytes)}` }
}

/** Why a backup of that size does not fit; null: it does, or nothing is known that says otherwise. */
export function roomProblem(room: Room, estimate: Estimate | null): LifeboatError | null {
  if (estimate === null) return null
  const expected = `the backup is expected to take ${formatBytes(estimate.bytes)} (${estimate.from})`
  if (room.freeBytes !== null && room.freeBytes < estimate.bytes) {
    return new LifeboatError(
      'disk_full',
      `${room.name} has ${formatBytes(room.freeBytes)} free, and ${expected}.`,
      'Nothing was written there. Free space, let retention delete more, or add another storage.',
    )
  }
  const used = room.usedBytes ?? 0
  if (room.budgetBytes !== null && used + estimate.bytes > room.budgetBytes) {
    return new LifeboatError(
      'refused',
      `${room.name} holds ${formatBytes(used)} of its budget of ${formatBytes(room.budgetBytes)}, and ${expected}.`,
      'Nothing was written there. Raise the budget, let retention delete more, or add another storage.',
    )
  }
  return null
}
