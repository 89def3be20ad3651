import { entryName } from '#lib/domain/names.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { sealEntry } from '#lib/engine/seal/entry.ts'
import { fanOut, type Target } from './fan-out.ts'

export interface EntryToStore {
  kind: ManifestEntry['kind']
  dumpId: number | null
  open(): AsyncIterable<Buffer>
}

/** A stored entry before the table of contents has told its table's name. */
export type StoredEntry = Omit<ManifestEntry, 'schema' | 'table'> & { newlines: number }

export interface EntryStore {
  /** Seals one entry and stores it on every living target; safe to call several at once. */
  store(entry: EntryToStore): Promise<void>
  readonly stored: StoredEntry[]
}

/** Ordinals are given in the order of arrival; 0 is the manifest's. */
export function openEntryStore(options: {
  backupKey: Buffer
  backupId: string
  path: string
  targets: readonly Target[]
  signal: AbortSignal
  stallMs: number
  sizeHint: number
  onStored(entry: StoredEntry): void
}): EntryStore {
  const stored: StoredEntry[] = []
  let next = 1
  return {
    stored,
    async store(entry) {
      const ordinal = next++
      const sealed = sealEntry({ backupKey: options.backupKey, backupId: options.backupId, ordinal, source: entry.open() })
      // a failure of the source reaches both; the one that fanOut throws is enough
      sealed.done.catch(() => {})
      await fanOut(sealed.stream, options.targets, {
        key: `${options.path}/${entryName(ordinal)}`,
        sizeHint: options.sizeHint,
        signal: options.signal,
        stallMs: options.stallMs,
      })
      const { newlines, ...sizes } = await sealed.done
      const done: StoredEntry = { ordinal, kind: entry.kind, ...(entry.dumpId === null ? {} : { dumpId: entry.dumpId }), ...sizes, newlines }
      stored.push(done)
      options.onStored(done)
      failPoint('entry.stored')
    },
  }
}
