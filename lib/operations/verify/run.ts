import type { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { getBackup, updateBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { verificationSettings } from '#lib/catalog/verification-settings.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { type CopyState, type Verdict, worstVerdict } from '#lib/domain/states.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { makePace } from '#lib/engine/storage/pace.ts'
import { readLock } from '../run/read-lock.ts'
import { recordVerdict } from '../run/record-verdict.ts'
import { storageFor } from '../run/storage-for.ts'
import { type CopyVerdict, verifyCopy } from '../run/verify-copy.ts'
import type { Run, RunContext } from '../run-context.ts'
import type { verifyInput } from './definition.ts'

const skipped: readonly CopyState[] = ['waiting', 'storing', 'failed', 'delete_pending', 'deleted']

export const runVerify: Run<z.output<typeof verifyInput>> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const copies = (await listCopies(context.catalog, backup.id)).filter(
    (copy) => !skipped.includes(copy.state) && (input.copyIds === undefined || input.copyIds.includes(copy.id)),
  )
  if (copies.length === 0) throw new LifeboatError('not_found', 'This backup has no copy that could be read.', 'Take another backup.')

  const reported: { storage: string; verdict: Verdict; at: string; entries: CopyVerdict['entries'] }[] = []
  const findings: Finding[] = []
  const meter = byteMeter(context, copies.length * backup.stored_bytes)
  const pace = makePace(input.paced ? (await verificationSettings(context.catalog)).bytesPerSecond : null, context.signal)
  const onBytes = async (bytes: number) => {
    meter(bytes)
    await pace(bytes)
  }
  for (const copy of copies) {
    const { storage, driver } = await storageFor(context, copy.storage_id)
    try {
      context.progress({ phase: `reading the copy on ${storage.name}` })
      await checkMarker(driver, storage.id, context.signal)
      const place = { path: backup.path, backupId: backup.id, versions: await copyVersions(context.catalog, copy.id) }
      const verdict = await verifyCopy(context, driver, place, onBytes)
      await recordVerdict(context, copy, verdict, await readLock(driver, backup.path, context.signal))
      reported.push({ storage: storage.name, verdict: verdict.verdict, at: new Date().toISOString(), entries: verdict.entries })
      if (verdict.verdict !== 'valid') findings.push(badCopy(storage.name, verdict))
    } catch (error) {
      context.signal.throwIfAborted()
      findings.push(notRead(storage.name, asLifeboatError(error)))
    } finally {
      await driver.close()
    }
  }
  if (reported.length === 0)
    throw new LifeboatError('storage_unreachable', findings[0]?.message ?? 'No copy could be read.', findings[0]?.remedy ?? '')
  if (reported.some((one) => one.verdict === 'valid'))
    await updateBackup(context.catalog, backup.id, { verified_at: await catalogueNow(context.catalog) })
  return { result: { backupId: backup.id, verdict: worstVerdict(reported.map((one) => one.verdict)), copies: reported }, findings }
}

function byteMeter(context: RunContext, totalBytes: number): (bytes: number) => void {
  const begun = Date.now()
  let doneBytes = 0
  return (bytes) => {
    doneBytes += bytes
    const seconds = (Date.now() - begun) / 1000
    const bytesPerSecond = seconds > 1 ? doneBytes / seconds : undefined
    context.progress({
      phase: 'reading back',
      doneBytes,
      totalBytes: Math.max(totalBytes, doneBytes),
      ...(bytesPerSecond === undefined
        ? {}
        : { bytesPerSecond: Math.round(bytesPerSecond), secondsLeft: Math.max(0, (totalBytes - doneBytes) / bytesPerSecond) }),
    })
  }
}

function badCopy(storage: string, verdict: CopyVerdict): Finding {
  if (verdict.entries.every((entry) => entry.displaced)) return displaced(storage, verdict)
  const messages = {
    valid: '',
    corrupt: `The copy on ${storage} is damaged: ${verdict.entries.length} of its entries cannot be restored.`,
    missing: `Parts of the copy on ${storage} are gone: ${verdict.entries.map((entry) => entry.name).join(', ')}.`,
    unrecoverable: `The copy on ${storage} cannot be opened with the key of this machine.`,
  } satisfies Record<Verdict, string>
  return {
    severity: 'blocker',
    code: `copy_${verdict.verdict}`,
    message: messages[verdict.verdict],
    remedy:
      verdict.verdict === 'unrecoverable'
        ? 'Bring the key back that this backup was sealed with, or use the recovery key.'
        : 'Restore from a copy that is whole, or from another backup, and take a new backup now. Look at the storage: other backups there may be damaged too.',
    overridable: false,
  }
}

/** Nothing was lost yet; but whoever has only the storage finds no whole copy there. */
function displaced(storage: string, verdict: CopyVerdict): Finding {
  const named = verdict.entries.slice(0, 5).map((entry) => entry.name)
  const more = verdict.entries.length > named.length ? ` and ${verdict.entries.length - named.length} more` : ''
  return {
    severity: 'blocker',
    code: 'copy_displaced',
    message: `Somebody overwrote or deleted objects of the copy on ${storage}: ${named.join(', ')}${more}. The versions that were stored are still there and whole, but only this catalogue knows them.`,
    remedy:
      'A restore by this catalogue can still read them (lifeboat restore-full, by the name of this backup). Find out who writes to the bucket, take the newer versions or delete markers away there and verify again, or take a new backup now.',
    overridable: false,
  }
}

function notRead(storage: string, error: LifeboatError): Finding {
  return {
    severity: 'warning',
    code: error.code,
    message: `The copy on ${storage} could not be read: ${error.message}`,
    remedy: `${error.hint} Its state is unchanged, because nothing was learned about its bytes.`.trim(),
    overridable: false,
  }
}
