import type { Connection } from './connection.ts'

export interface RestoreOptions {
  /** private 0700 directory for the table of contents, the FIFOs and the password file; emptied afterwards */
  stagingDir: string
  /** pg_restore, from chooseTool */
  toolPath: string
  /** authenticated bytes of toc.dat */
  toc: Buffer
  /** dump id -> its authenticated plaintext; asked for when pg_restore opens that file, at most `jobs` at once */
  entries: Map<number, () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>>
  /** the packed large objects (large-objects.ts); null where the backup has none */
  largeObjects: (() => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>) | null
  jobs: number
  signal: AbortSignal
  /** the manifest's session settings */
  settings?: Record<string, string>
  noOwner?: boolean
  noPrivileges?: boolean
  onProgress?(progress: { tablesDone: number; tablesTotal: number; rawBytes: number }): void
}
/**
 * Restores into the existing, empty database that `conn` names. Resolves only when pg_restore ended with 0 and read every entry to its end.
 * On abort or error the process group is killed before any FIFO is closed, and server backends of this application_name are terminated.
 */
export async function restoreArchive(_conn: Connection, _options: RestoreOptions): Promise<{ tables: number; rawBytes: number }> {
  throw new Error('not built yet')
}
