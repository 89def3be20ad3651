import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { type DumpOptions, type DumpResult, dump } from '#lib/engine/postgres/dump.ts'
import { rowsFromNewlines } from '#lib/engine/postgres/follow.ts'
import { type RestoreOptions, restoreArchive } from '#lib/engine/postgres/restore.ts'

export const pgDump = '/usr/lib/postgresql/15/bin/pg_dump'
export const pgRestore = '/usr/lib/postgresql/15/bin/pg_restore'

export interface RawBackup {
  result: DumpResult
  toc: Buffer
  files: Map<number, string>
  largeObjects: string | null
  largeObjectsSha256: string | null
  tables: { schema: string; table: string; rows: number; rawSha256: string; viaPartitionRoot: boolean; dumpId: number }[]
}

/** A backup without seal and storage: each entry a plain file below `dir`. */
export async function rawBackup(conn: Connection, dir: string, stagingDir: string, change: Partial<DumpOptions> = {}): Promise<RawBackup> {
  const files = new Map<number, string>()
  const hashes = new Map<number, { rows: number; rawSha256: string }>()
  let toc = Buffer.alloc(0)
  let largeObjects: string | null = null
  let largeObjectsSha256: string | null = null
  const result = await dump(conn, {
    stagingDir,
    toolPath: pgDump,
    jobs: 2,
    signal: new AbortController().signal,
    async onEntry(entry) {
      const path = join(dir, entry.kind === 'table' ? `${entry.dumpId}.raw` : entry.kind)
      const file = await open(path, 'w')
      const hash = createHash('sha256')
      let newlines = 0
      const pieces: Buffer[] = []
      try {
        for await (const piece of entry.open()) {
          hash.update(piece)
          for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) newlines++
          await file.writeFile(piece)
          if (entry.kind === 'toc') pieces.push(piece)
        }
      } finally {
        await file.close()
      }
      const rawSha256 = hash.digest('hex')
      if (entry.kind === 'toc') toc = Buffer.concat(pieces)
      else if (entry.kind === 'large_objects') {
        largeObjects = path
        largeObjectsSha256 = rawSha256
      } else if (entry.dumpId !== null) {
        files.set(entry.dumpId, path)
        hashes.set(entry.dumpId, { rows: rowsFromNewlines(newlines), rawSha256 })
      }
    },
    ...change,
  })
  const tables = [...result.tables.values()].map((table) => ({ ...table, ...(hashes.get(table.dumpId) ?? { rows: -1, rawSha256: '' }) }))
  return { result, toc, files, largeObjects, largeObjectsSha256, tables }
}

export async function rawRestore(conn: Connection, backup: RawBackup, stagingDir: string, change: Partial<RestoreOptions> = {}) {
  return await restoreArchive(conn, {
    stagingDir,
    toolPath: pgRestore,
    toc: backup.toc,
    entries: new Map([...backup.files].map(([dumpId, path]) => [dumpId, () => readPieces(path)])),
    largeObjects: backup.largeObjects === null ? null : () => readPieces(backup.largeObjects ?? ''),
    jobs: 2,
    signal: new AbortController().signal,
    ...change,
  })
}

export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) yield piece as Buffer
}
