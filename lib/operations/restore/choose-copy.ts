import type { BackupRow } from '#lib/catalog/backups.ts'
import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { listCopies, restorableCopies } from '#lib/catalog/copies.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { manifestMaximumBytes, manifestSha256 } from '#lib/engine/seal/manifest.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { type OpenedCopy, openCopy } from '../run/open-copy.ts'
import { type CopyReader, pinnedReader } from '../run/pinned.ts'
import { storageFor } from '../run/storage-for.ts'
import type { RunContext } from '../run-context.ts'

export interface ChosenCopy extends OpenedCopy {
  storageName: string
  driver: StorageDriver
  /** reads the versions that were stored, where they are known */
  reader: CopyReader
  verified: boolean
}

interface Candidate {
  copyId: string
  storageId: string
  verified: boolean
}

/** Copies that a restore may read: verified before merely stored, local before far away; last those of which only stored versions may be left. */
async function candidates(context: RunContext, backup: BackupRow): Promise<Candidate[]> {
  const restorable = await restorableCopies(context.catalog, backup.id)
  const copies = (await listCopies(context.catalog, backup.id)).filter((copy) => restorable.has(copy.id))
  const storages = await context.catalog.selectFrom('storages').select(['id', 'kind']).execute()
  const isLocal = new Map(storages.map((storage) => [storage.id, storage.kind === 'local']))
  return copies
    .map((copy) => ({
      copyId: copy.id,
      storageId: copy.storage_id,
      readable: (readableCopyStates as readonly string[]).includes(copy.state),
      verified: copy.state === 'verified',
      local: isLocal.get(copy.storage_id) ?? false,
    }))
    .sort((a, b) => Number(b.readable) - Number(a.readable) || Number(b.verified) - Number(a.verified) || Number(b.local) - Number(a.local))
}

/**
 * Opens the best copy that opens, skipping `not` (copies found bad while they were fetched). Each copy that does not is a finding.
 * Returns null where none is left. The caller closes the driver.
 */
export async function chooseCopy(
  context: RunContext,
  backup: BackupRow,
  not: ReadonlySet<string> = new Set(),
): Promise<{ copy: ChosenCopy | null; findings: Finding[] }> {
  const findings: Finding[] = []
  for (const { copyId, storageId, verified } of await candidates(context, backup)) {
    const { storage, driver } = await storageFor(context, storageId)
    if (not.has(storage.name)) {
      await driver.close()
      continue
    }
    try {
      await checkMarker(driver, storageId, context.signal)
      const versions = await copyVersions(context.catalog, copyId)
      const reader = versions === null ? driver : pinnedReader(driver, versions, { orCurrent: true })
      const opened = await openCopy(context, reader, { path: backup.path, backupId: backup.id })
      if (versions !== null) findings.push(...(await aboutCurrent(context, { ...opened, driver, storageName: storage.name })))
      return { copy: { ...opened, storageName: storage.name, driver, reader, verified }, findings }
    } catch (error) {
      await driver.close()
      context.signal.throwIfAborted()
      const known = asLifeboatError(error)
      findings.push({
        severity: 'warning',
        code: `copy_${known.code}`,
        message: `The copy on ${storage.name} cannot be used: ${known.message}`,
        remedy: known.hint || 'Another copy is used instead.',
        overridable: false,
      })
    }
  }
  return { copy: null, findings }
}

/** The stored manifest was read; is it also what everybody else finds? */
async function aboutCurrent(
  context: RunContext,
  copy: { driver: StorageDriver; storageName: string; manifest: Manifest; manifestSha256: string },
): Promise<Finding[]> {
  try {
    const key = `${copy.manifest.path}/manifest`
    const current = await copy.driver.getSmall(key, { signal: context.signal, maxBytes: manifestMaximumBytes })
    if (manifestSha256(current) === copy.manifestSha256) return []
  } catch (error) {
    if (!(error instanceof LifeboatError && (error.code === 'missing' || error.code === 'corrupt'))) throw error
  }
  return [
    {
      severity: 'warning',
      code: 'copy_displaced',
      message: `Somebody overwrote or deleted the manifest of the copy on ${copy.storageName} since it was stored. The version that was stored is read.`,
      remedy: 'Find out who writes to the bucket. Verify this backup, and take a new one: without this catalogue nobody finds this copy whole.',
      overridable: true,
    },
  ]
}

export function noCopy(): LifeboatError {
  return new LifeboatError(
    'missing',
    'No copy of this backup can be read.',
    'Nothing was touched. Choose another recovery point, or bring the storage or the key back.',
  )
}
