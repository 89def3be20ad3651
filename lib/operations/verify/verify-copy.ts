import { asLifeboatError, type LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { entryName } from '#lib/domain/names.ts'
import { type Verdict, worstVerdict } from '#lib/domain/states.ts'
import { openEntry } from '#lib/engine/seal/entry.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openCopy } from '../run/open-copy.ts'
import type { RunContext } from '../run-context.ts'

export interface BadEntry {
  ordinal: number
  name: string
  problem: string
}
export interface CopyVerdict {
  verdict: Verdict
  entriesChecked: number
  bytesRead: number
  entries: BadEntry[]
}

/**
 * Re-reads every stored byte of one copy, authenticates it, and compares both hashes of each entry with the sealed manifest.
 * A HEAD or an ETag never verifies. Network trouble throws: it says nothing about the bytes.
 */
export async function verifyCopy(
  context: RunContext,
  driver: StorageDriver,
  place: { path: string; backupId: string },
  onBytes: (bytes: number) => void,
): Promise<CopyVerdict> {
  let opened: Awaited<ReturnType<typeof openCopy>>
  try {
    opened = await openCopy(context, driver, place)
  } catch (error) {
    context.signal.throwIfAborted()
    const known = asLifeboatError(error)
    return { verdict: verdictOf(known), entriesChecked: 0, bytesRead: 0, entries: [{ ordinal: 0, name: 'manifest', problem: known.message }] }
  }
  onBytes(opened.bytesRead)
  const bad: BadEntry[] = []
  const verdicts: Verdict[] = ['valid']
  let bytesRead = opened.bytesRead
  for (const entry of opened.manifest.entries) {
    try {
      bytesRead += await readEntry(context, driver, { entry, path: place.path, backupKey: opened.backupKey, backupId: place.backupId, onBytes })
    } catch (error) {
      context.signal.throwIfAborted()
      const known = asLifeboatError(error)
      verdicts.push(verdictOf(known))
      bad.push({ ordinal: entry.ordinal, name: nameOf(entry), problem: known.message })
    }
  }
  return { verdict: worstVerdict(verdicts), entriesChecked: opened.manifest.entries.length, bytesRead, entries: bad }
}

async function readEntry(
  context: RunContext,
  driver: StorageDriver,
  what: { entry: ManifestEntry; path: string; backupKey: Buffer; backupId: string; onBytes: (bytes: number) => void },
): Promise<number> {
  const stored = await driver.get(`${what.path}/${entryName(what.entry.ordinal)}`, { signal: context.signal })
  let bytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stored as AsyncIterable<Buffer>) {
      bytes += chunk.length
      what.onBytes(chunk.length)
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
