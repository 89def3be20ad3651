import type { z } from 'zod'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import { getCopy } from '#lib/catalog/copies.ts'
import type { StorageRow } from '#lib/catalog/storages.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { refuseStoring } from '../run/backup/open-targets.ts'
import { removeAttempt } from '../run/backup/remove-attempt.ts'
import { type CopiedBackup, copyBackup } from '../run/copy-backup.ts'
import { openSources } from '../run/copy-sources.ts'
import { isCurrent } from '../run/is-current.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import type { copyInput } from './definition.ts'
import { finishMove } from './move.ts'
import { type BegunCopy, beginCopy, recordCopied, recordNotCopied } from './record-copy.ts'

/** A copy from a copy: read from the most trusted one that is good, stored elsewhere, the manifest last. The source database is not touched. */
export const runCopy: Run<z.output<typeof copyInput>> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { storage, driver } = await storageFor(context, input.storageId)
  try {
    const begun = await beginCopy(context, backup, storage.id)
    const copied = begun.what === 'there' ? null : await makeCopy(context, { backup, storage, driver, begun, fromCopyId: input.fromCopyId })
    const findings = copied?.findings ?? []
    const made = (await getCopy(context.catalog, begun.copy.id)) ?? begun.copy
    const moving = input.move && input.fromCopyId !== null
    const move = moving
      ? await finishMove(context, { backup, fromCopyId: input.fromCopyId ?? '', made, target: driver, targetName: storage.name })
      : { moved: false, verified: false, findings: [] }
    return {
      result: {
        copy: {
          id: made.id,
          backupId: backup.id,
          backup: backup.name,
          storage: storage.name,
          did: { there: 'nothing', repair: 'repaired', new: 'copied' }[begun.what],
          from: copied?.source.storageName ?? null,
          entries: copied?.entries ?? 0,
          keptEntries: copied?.kept ?? 0,
          bytes: copied?.bytes ?? made.stored_bytes,
          verified: move.verified,
          moved: move.moved,
        },
      },
      findings: [...findings, ...move.findings],
    }
  } finally {
    await driver.close()
  }
}

async function makeCopy(
  context: RunContext,
  options: { backup: BackupRow; storage: StorageRow; driver: StorageDriver; begun: BegunCopy; fromCopyId: string | null },
): Promise<CopiedBackup> {
  const { backup, storage, driver, begun, fromCopyId } = options
  // only what this attempt began is thrown away, and nothing from the moment on at which a manifest may lie there
  let ours = false
  let opened: Awaited<ReturnType<typeof openSources>> | null = null
  try {
    context.progress({ phase: 'looking for a good copy' })
    if (storage.removed_at !== null) throw new LifeboatError('not_found', `Storage ${storage.name} was removed.`, 'Choose another storage.')
    const database = await getDatabase(context.catalog, backup.database_id)
    if (database === null) throw new LifeboatError('not_found', 'The database of this backup is not known any more.')
    // what of a damaged copy is still good takes no room again
    const estimate = begun.what === 'repair' ? null : { bytes: backup.stored_bytes, from: 'as its other copies do' }
    await refuseStoring(context, { storage, driver, database, estimate })
    opened = await openSources(context, backup, { notOn: storage.id, first: fromCopyId })
    ours = begun.what === 'new' && (await driver.head(`${backup.path}/manifest`, { signal: context.signal })) === null
    const copied = await copyBackup(context, {
      backup,
      sources: opened.sources,
      target: driver,
      targetName: storage.name,
      onManifest: () => {
        ours = false
      },
    })
    await recordCopied(context, begun, copied)
    return { ...copied, findings: [...opened.findings, ...copied.findings] }
  } catch (error) {
    const reason: unknown = context.signal.aborted ? context.signal.reason : error
    const problem = asLifeboatError(reason)
    // an attempt that is not the current one leaves everything to the one that is: both store at the same place
    if (problem.code !== 'interrupted' && (await isCurrent(context))) {
      if (ours) await removeAttempt(context, backup.path, [{ driver, storageName: storage.name }], () => isCurrent(context))
      await recordNotCopied(context, begun, problem, storage.medium === 'offline' && problem.code === 'storage_absent')
    }
    throw error
  } finally {
    await Promise.all((opened?.sources ?? []).map((source) => source.driver.close()))
  }
}
