import type { BackupRow } from '#lib/catalog/backups.ts'
import { noteBadSource } from '#lib/catalog/copies-to-make.ts'
import { type CopyRow, listCopies } from '#lib/catalog/copies.ts'
import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { CopyState } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import type { RunContext } from '../run-context.ts'
import { type OpenedCopy, openCopy } from './open-copy.ts'
import { type CopyReader, pinnedReader } from './pinned.ts'
import { storageFor } from './storage-for.ts'

export interface Source {
  copy: CopyRow
  storageName: string
  driver: StorageDriver
  reader: CopyReader
  opened: OpenedCopy
}

/**
 * The more is known of a copy, the sooner it is read. Damaged ones come last: every byte is held against the manifest on the way, so what is
 * still good of them is good. null: nothing of it can be read.
 */
const trust = {
  verified: 0,
  retained: 1,
  stored: 2,
  missing: 3,
  corrupt: 4,
  waiting: null,
  storing: null,
  failed: null,
  delete_pending: null,
  deleted: null,
} satisfies Record<CopyState, number | null>

/**
 * Opens the copies of a backup that another one can be made from, in order of trust, `first` before all others; not the one on `notOn`. One
 * that does not open is a finding. Throws `missing` where none opens. The caller closes them.
 */
export async function openSources(
  context: RunContext,
  backup: BackupRow,
  which: { notOn: string; first: string | null },
): Promise<{ sources: Source[]; findings: Finding[] }> {
  const rank = (copy: CopyRow) => (copy.id === which.first ? -1 : (trust[copy.state] ?? Number.POSITIVE_INFINITY))
  const copies = (await listCopies(context.catalog, backup.id))
    .filter((copy) => copy.storage_id !== which.notOn && trust[copy.state] !== null)
    .sort((a, b) => rank(a) - rank(b))
  const sources: Source[] = []
  const findings: Finding[] = []
  for (const copy of copies) {
    const { storage, driver } = await storageFor(context, copy.storage_id)
    try {
      await checkMarker(driver, storage.id, context.signal)
      const versions = await copyVersions(context.catalog, copy.id)
      const reader = versions === null ? driver : pinnedReader(driver, versions, { orCurrent: true })
      const opened = await openCopy(context, reader, { path: backup.path, backupId: backup.id })
      if (backup.manifest_sha256 !== null && opened.manifestSha256 !== backup.manifest_sha256)
        throw new LifeboatError('corrupt', 'Its manifest is not the one that was stored.', 'Another copy is used instead.')
      sources.push({ copy, storageName: storage.name, driver, reader, opened })
    } catch (error) {
      await driver.close()
      context.signal.throwIfAborted()
      findings.push(await badSource(context, { copy, storageName: storage.name }, asLifeboatError(error)))
    }
  }
  if (sources.length > 0) return { sources, findings }
  throw new LifeboatError(
    'missing',
    `No other copy of ${backup.name} can be read: ${findings[0]?.message ?? 'there is none.'}`,
    'Nothing was written. Bring a storage or the key back.',
  )
}

/** What reading it told is written down where it is about the bytes; trouble on the way says nothing of them. */
export async function badSource(context: RunContext, source: Pick<Source, 'copy' | 'storageName'>, problem: LifeboatError): Promise<Finding> {
  const state = problem.code === 'corrupt' || problem.code === 'missing' ? problem.code : null
  if (state !== null) await noteBadSource(context.catalog, source.copy.id, { state, problem: problem.message })
  return {
    severity: 'warning',
    code: state === null ? problem.code : `copy_${state}`,
    message: `The copy on ${source.storageName} could not be read from: ${problem.message}`,
    remedy: state === null ? problem.hint : 'Repair that copy from a good one: copy the backup to that storage again.',
    overridable: false,
  }
}
