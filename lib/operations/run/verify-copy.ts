import type { Versions } from '#lib/catalog/copy-versions.ts'
import { asLifeboatError, type LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { entryName } from '#lib/domain/names.ts'
import { type Verdict, worstVerdict } from '#lib/domain/states.ts'
import { openEntry } from '#lib/engine/seal/entry.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openCopy } from './open-copy.ts'
import { type CopyReader, notingReader, pinnedReader } from './pinned.ts'
import type { RunContext } from '../run-context.ts'

export interface BadEntry {
  ordinal: number
  name: string
  problem: string
  /** what is current is bad or gone, and the version that was stored is whole: somebody overwrote or deleted it */
  displaced?: true
}
export interface CopyVerdict {
  verdict: Verdict
  entriesChecked: number
  bytesRead: number
  entries: BadEntry[]
  /** which versions were read, where the storage keeps them */
  versions: Versions
}

/** Told of every piece as it is read; the next one is read when it has answered. */
type OnBytes = (bytes: number) => Promise<void>

interface Place {
  path: string
  backupId: string
  /** as they were stored; null: not known */
  versions: Versions | null
}

/**
 * Re-reads every stored byte of one copy, authenticates it, and compares both hashes of each entry with the sealed manifest.
 * A HEAD or an ETag never verifies. Network trouble throws: it says nothing about the bytes.
 * What counts is what is current, because that is all that anybody without this catalogue will find. Only where that fails is the version
 * read that was stored: is it whole, then somebody has overwritten or deleted the object, and the verdict says so. docs/decisions/017.
 */
export async function verifyCopy(context: RunContext, driver: StorageDriver, place: Place, onBytes: OnBytes): Promise<CopyVerdict> {
  const versions: Versions = {}
  const current = notingReader(driver, versions)
  const stored = place.versions === null ? null : pinnedReader(driver, place.versions, { orCurrent: false })
  const bad: BadEntry[] = []
  const verdicts: Verdict[] = ['valid']
  const first = await tryBoth(context, { current, stored }, (reader) => openCopy(context, reader, place))
  if (first.problem !== null) {
    verdicts.push(verdictOf(first.problem))
    bad.push(badEntry({ ordinal: 0, name: 'manifest' }, first.problem, first.value !== null))
  }
  if (first.value === null) return { verdict: worstVerdict(verdicts), entriesChecked: 0, bytesRead: 0, entries: bad, versions }
  const opened = first.value
  await onBytes(opened.bytesRead)
  let bytesRead = opened.bytesRead
  for (const entry of opened.manifest.entries) {
    const what = { entry, path: place.path, backupKey: opened.backupKey, backupId: place.backupId, onBytes }
    const read = await tryBoth(context, { current, stored }, (reader) => readEntry(context, reader, what))
    bytesRead += read.value ?? 0
    if (read.problem === null) continue
    verdicts.push(verdictOf(read.problem))
    bad.push(badEntry({ ordinal: entry.ordinal, name: nameOf(entry) }, read.problem, read.value !== null))
  }
  return { verdict: worstVerdict(verdicts), entriesChecked: opened.manifest.entries.length, bytesRead, entries: bad, versions }
}

/** `problem` is that of what is current. `value` beside a problem: the version that was stored is whole. Network trouble throws. */
async function tryBoth<T>(
  context: RunContext,
  readers: { current: CopyReader; stored: CopyReader | null },
  read: (reader: CopyReader) => Promise<T>,
): Promise<{ value: T | null; problem: LifeboatError | null }> {
  try {
    return { value: await read(readers.current), problem: null }
  } catch (error) {
    context.signal.throwIfAborted()
    const problem = asLifeboatError(error)
    verdictOf(problem)
    if (readers.stored === null) return { value: null, problem }
    try {
      return { value: await read(readers.stored), problem }
    } catch (again) {
      context.signal.throwIfAborted()
      verdictOf(asLifeboatError(again))
      return { value: null, problem }
    }
  }
}

function badEntry(which: { ordinal: number; name: string }, problem: LifeboatError, storedIsWhole: boolean): BadEntry {
  if (!storedIsWhole) return { ...which, problem: problem.message }
  const what = problem.code === 'missing' ? 'deleted' : 'overwritten'
  return {
    ...which,
    problem: `It was ${what} on the storage since it was stored. The version that was stored is still there and whole.`,
    displaced: true,
  }
}

async function readEntry(
  context: RunContext,
  driver: CopyReader,
  what: { entry: ManifestEntry; path: string; backupKey: Buffer; backupId: string; onBytes: OnBytes },
): Promise<number> {
  const stored = await driver.get(`${what.path}/${entryName(what.entry.ordinal)}`, { signal: context.signal })
  let bytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      bytes += chunk.length
      await what.onBytes(chunk.length)
      yield chunk
    }
  }
  try {
    // openEntry authenticates and compares stored and raw hashes with the expected entry; the plaintext is thrown away
    for await (const _ of openEntry({
      backupKey: what.backupKey,
      backupId: what.backupId,
      ordinal: what.entry.ordinal,
      stored: counted(),
      expected: what.entry,
    }));
  } finally {
    stored.destroy()
  }
  return bytes
}

/** Trouble on the way is not a verdict about the bytes; it is thrown on, and the copy keeps its state. */
function verdictOf(error: LifeboatError): Verdict {
  switch (error.code) {
    case 'missing':
      return 'missing'
    case 'corrupt':
      return 'corrupt'
    case 'wrong_key':
    case 'key_missing':
      return 'unrecoverable'
    default:
      throw error
  }
}

function nameOf(entry: ManifestEntry): string {
  return entry.kind === 'table' ? `${entry.schema}.${entry.table}` : entry.kind
}
