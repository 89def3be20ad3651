import type { RowComparison } from '#lib/domain/plan.ts'
import type { BackupTable } from './backup-table.ts'
import type { Connection } from './connection.ts'

export interface CompareRowsOptions {
  backup: BackupTable
  stagingDir: string
  signal: AbortSignal
  /** of each kind, at most; default 5 */
  samples?: number
  onProgress?(progress: { phase: 'reading the backup' | 'reading the live table' | 'comparing rows' | 'looking at samples'; rows: number }): void
}

/** Holds the rows of a backup's table against those of the live table of the same name. Writes nothing on the server. */
export async function compareRows(_conn: Connection, _options: CompareRowsOptions): Promise<RowComparison> {
  throw new Error('compareRows is being built')
}
