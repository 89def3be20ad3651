import type { BackupRow } from '#lib/catalog/backups.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { entryName } from '#lib/domain/names.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { keyObjectMaximumBytes } from '#lib/engine/seal/backup-key.ts'
import { manifestMaximumBytes } from '#lib/engine/seal/manifest.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { type Copying, copyObject, copySmall } from './copy-objects.ts'
import { badSource, type Source } from './copy-sources.ts'
import { keyObjectName, openCopyKey } from './open-copy-key.ts'
import { openersAmong, readKeyObjects } from './read-key-objects.ts'

/** Entries on their way at once. */
const entriesInFlight = 3
/** A hold beside a copy is a few lines. */
const holdMaximumBytes = 1 << 20

export interface CopiedBackup {
  /** entries, and those of them that were good at the target already */
  entries: number
  kept: number
  bytes: number
  versions: Record<string, string>
  /** of the keys that open what lies at the target now, whichever source its key objects came from */
  keyIds: string[]
  /** of the source that its keys and manifest came from */
  source: Source
  findings: Finding[]
}

/**
 * Brings a whole copy to the target, byte for byte, from copies that are there: keys, entries, holds, and the manifest last, which makes it a
 * copy. Every entry is held against the sealed manifest on its way. May be repeated: what a killed attempt left, and what is still good of a
 * damaged copy, is read and stays; the rest is replaced.
 */
export async function copyBackup(
  context: RunContext,
  options: {
    backup: BackupRow
    sources: readonly Source[]
    target: StorageDriver
    targetName: string
    /** told before the first byte of the manifest is sent */
    onManifest(): void
  },
): Promise<CopiedBackup> {
  const { backup, sources, target, targetName } = options
  const [best] = sources
  if (best === undefined) throw new Error('a copy is made from another one')
  const { manifest } = best.opened
  // one attempt at a time holds this backup: what is unfinished here is of one that died
  await target.sweep(`${backup.path}/`, new Date(Date.now() + 60_000), { signal: context.signal })
  const there = await listThere(context, target, backup.path)
  const copying: Copying = {
    context,
    path: backup.path,
    target,
    sources,
    there,
    versions: {},
    findings: [],
    onBytes: meter(context, { total: manifest.totals.storedBytes, targetName }),
  }
  const source = await copyKeys(copying, backup)
  // what was there stays where it opens, and may be sealed to other keys than the source's: only what lies there tells
  const keyIds = openersAmong(await readKeyObjects(context, target, backup.path))
  let kept = 0
  await inFlight(manifest.entries, entriesInFlight, async (entry) => {
    if (await copyObject(copying, promisedOf(entry))) kept += 1
    failPoint('copy.entry_stored')
  })
  await copySmall(copying, source, 'hold', { maxBytes: holdMaximumBytes, rewritable: true })
  await refuseGaps(copying, manifest.entries, targetName)
  await context.assertCurrent()
  context.progress({ phase: 'writing the manifest' })
  failPoint('copy.before_manifest')
  options.onManifest()
  if (
    !(await copySmall(copying, source, 'manifest', {
      maxBytes: manifestMaximumBytes,
      rewritable: false,
      sha256: source.opened.manifestSha256,
    }))
  )
    throw new LifeboatError('missing', `The manifest on ${source.storageName} went away.`, 'Nothing is a copy that has none. Try again.')
  failPoint('copy.manifest_stored')
  const { versions, findings } = copying
  return { entries: manifest.entries.length, kept, bytes: manifest.totals.storedBytes, versions, keyIds, source, findings }
}

/** All key objects of the first source that gives them; those of the target stay where they open it. Returns that source. */
async function copyKeys(copying: Copying, backup: BackupRow): Promise<Source> {
  const { context, target, sources } = copying
  const place = { path: backup.path, backupId: backup.id }
  const opens = copying.there.has('key') && (await openCopyKey(context, target, place).then(Boolean, () => false))
  let last: unknown = null
  for (const source of sources) {
    try {
      for (let rotation = 1; ; rotation += 1) {
        // sealed anew at the target since: newer than what the source has
        if (opens && copying.there.has(keyObjectName(rotation))) continue
        if (!(await copySmall(copying, source, keyObjectName(rotation), { maxBytes: keyObjectMaximumBytes, rewritable: false }))) break
      }
      await openCopyKey(context, target, place)
      return source
    } catch (error) {
      context.signal.throwIfAborted()
      const problem = asLifeboatError(error)
      // the target's own trouble does not go away with another source
      if (problem.code !== 'corrupt' && problem.code !== 'missing') throw error
      copying.findings.push(await badSource(context, source, problem))
      last = error
    }
  }
  throw last ?? new LifeboatError('missing', 'No copy has a key.')
}

async function listThere(context: RunContext, target: StorageDriver, path: string): Promise<Map<string, number>> {
  const there = new Map<string, number>()
  for await (const object of target.list(`${path}/`, { signal: context.signal })) there.set(object.key.slice(path.length + 1), object.bytes)
  return there
}

/** A manifest over a gap would make a copy that is none: somebody may have cleaned up meanwhile. */
async function refuseGaps(copying: Copying, entries: readonly ManifestEntry[], targetName: string): Promise<void> {
  const there = await listThere(copying.context, copying.target, copying.path)
  const gone = entries.find((entry) => there.get(entryName(entry.ordinal)) !== entry.storedBytes)
  if (gone === undefined) return
  throw new LifeboatError(
    'failed',
    `${entryName(gone.ordinal)} went away on ${targetName} while the copy was made.`,
    'No manifest was written, so there is no copy. Find out who else deletes there, then try again.',
  )
}

function promisedOf(entry: ManifestEntry) {
  return { name: entryName(entry.ordinal), bytes: entry.storedBytes, sha256: entry.storedSha256 }
}

/** Works on `limit` at a time; after the first failure no other one is begun, and it is thrown when the begun ones have ended. */
async function inFlight<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  let failed: { error: unknown } | null = null
  const lane = async (): Promise<void> => {
    while (failed === null) {
      const item = items[next++]
      if (item === undefined) return
      await work(item).catch((error: unknown) => {
        failed ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: limit }, lane))
  if (failed !== null) throw (failed as { error: unknown }).error
}

function meter(context: RunContext, of: { total: number; targetName: string }): (bytes: number) => void {
  const begun = Date.now()
  let doneBytes = 0
  return (bytes) => {
    doneBytes += bytes
    const seconds = (Date.now() - begun) / 1000
    const bytesPerSecond = seconds > 1 ? doneBytes / seconds : undefined
    context.progress({
      phase: `copying to ${of.targetName}`,
      doneBytes,
      totalBytes: Math.max(of.total, doneBytes),
      ...(bytesPerSecond === undefined
        ? {}
        : { bytesPerSecond: Math.round(bytesPerSecond), secondsLeft: Math.max(0, (of.total - doneBytes) / bytesPerSecond) }),
    })
  }
}
