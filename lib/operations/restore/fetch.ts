import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest, ManifestEntry } from '#lib/domain/manifest.ts'
import { entryName } from '#lib/domain/names.ts'
import type { RoleMap } from '#lib/engine/postgres/map-role-names.ts'
import { openEntry } from '#lib/engine/seal/entry.ts'
import type { RunContext } from '../run-context.ts'
import type { ChosenCopy } from './choose-copy.ts'

/** Entries of one copy, fetched: still sealed, 0600, in the attempt's staging directory. */
export interface FetchedCopy {
  manifest: Manifest
  bytesRead: number
  /** set where the restore maps roles: the table of contents and the globals are read with these instead */
  roleMap?: RoleMap
  /** authenticated plaintext; may be opened again */
  open(entry: ManifestEntry): AsyncIterable<Buffer>
}

/**
 * Pass one: every entry is fetched and its stored SHA-256 compared with the sealed manifest, before anything touches the target.
 * Plaintext never reaches the disk. Throws `corrupt` or `missing` for this copy.
 */
export async function fetchCopy(context: RunContext, copy: ChosenCopy, entries: readonly ManifestEntry[]): Promise<FetchedCopy> {
  const directory = path.join(context.stagingDir, `fetched-${copy.manifest.attempt}`)
  await mkdir(directory, { mode: 0o700, recursive: true })
  const totalBytes = entries.reduce((sum, entry) => sum + entry.storedBytes, 0)
  const begun = Date.now()
  let doneBytes = 0
  for (const entry of entries) {
    const stored = await copy.reader.get(`${copy.manifest.path}/${entryName(entry.ordinal)}`, { signal: context.signal })
    const hash = createHash('sha256')
    let bytes = 0
    await pipeline(
      stored,
      async function* measure(source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length
          doneBytes += chunk.length
          if (bytes > entry.storedBytes) throw differs(entry, copy.storageName)
          hash.update(chunk)
          yield chunk
        }
      },
      createWriteStream(path.join(directory, entryName(entry.ordinal)), { mode: 0o600 }),
      { signal: context.signal },
    )
    if (bytes !== entry.storedBytes || hash.digest('hex') !== entry.storedSha256) throw differs(entry, copy.storageName)
    const seconds = (Date.now() - begun) / 1000
    context.progress({
      phase: 'fetching and checking',
      doneBytes,
      totalBytes,
      ...(seconds > 1 ? { bytesPerSecond: Math.round(doneBytes / seconds), secondsLeft: ((totalBytes - doneBytes) * seconds) / doneBytes } : {}),
    })
  }
  return {
    manifest: copy.manifest,
    bytesRead: doneBytes + copy.bytesRead,
    open(entry) {
      return openEntry({
        backupKey: copy.backupKey,
        backupId: copy.manifest.backupId,
        ordinal: entry.ordinal,
        stored: createReadStream(path.join(directory, entryName(entry.ordinal)), { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>,
        expected: entry,
      })
    },
  }
}

function differs(entry: ManifestEntry, storage: string): LifeboatError {
  const name = entry.kind === 'table' ? `${entry.schema}.${entry.table}` : entry.kind
  return new LifeboatError(
    'corrupt',
    `The copy on ${storage} is damaged: ${name} is not what was stored.`,
    'The target was not touched. Another copy is tried, where there is one.',
  )
}
