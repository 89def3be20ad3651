import type { z } from 'zod'
import { currentKey } from '#lib/catalog/keys.ts'
import { kmsSettings } from '#lib/catalog/kms.ts'
import { copiesToRewrap, leftBehind } from '#lib/catalog/rewrapping.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { requireKeys } from '../run/connection-for.ts'
import { resealSecrets } from '../run/reseal-secrets.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import type { rewrapInput } from './definition.ts'
import { forgetOld } from './forget-old.ts'
import { aboutLeftBehind, aboutSecrets, emptyCounts, type RewrapCounts } from './report.ts'
import { rewrapCopy, type Wanted, wantedIds } from './rewrap-copy.ts'

const batch = 100
/** Named in the result; there may be as many as there are backups. */
const namedProblems = 50

/** Every readable copy on one storage opens with the keys in use; with `forgetOld` with no others. Only small key objects are written. */
export const runRewrap: Run<z.output<typeof rewrapInput>> = async (context, input) => {
  const wanted = await wantedKeys(context)
  if (input.forgetOld) await refuseUnsavedRecoveryKey(context)
  const { driver } = await storageFor(context, input.storageId)
  const counts = emptyCounts()
  const findings: Finding[] = []
  try {
    context.progress({ phase: 'looking for the storage' })
    await checkMarker(driver, input.storageId, context.signal)
    if (!context.dryRun) {
      const actor = { actorKind: 'system', actorName: 'Lifeboat' } as const
      findings.push(...aboutSecrets(await resealSecrets(context.catalog, requireKeys(context), actor)))
    }
    let after: string | null = null
    for (;;) {
      const next = { storageId: input.storageId, wanted: wantedIds(wanted), forgetOld: input.forgetOld, after, limit: batch }
      const copies = await copiesToRewrap(context.catalog, next)
      const last = copies.at(-1)
      if (last === undefined) break
      after = last.id
      for (const copy of copies) {
        context.signal.throwIfAborted()
        counts.looked += 1
        context.progress({ phase: 'sealing keys anew', doneItems: counts.looked, itemNoun: 'backup', current: copy.path })
        if (context.dryRun) continue
        try {
          const { did, objects, kmsFinding } = await rewrapCopy(context, driver, copy, wanted)
          if (did === 'added') counts.added += 1
          if (kmsFinding !== null && wanted.kms !== null) {
            findings.push(kmsFinding)
            // asked once for each storage, not once for each backup
            wanted.kms = null
          }
          if (did !== 'gone' && input.forgetOld) counts[await forgetOld(context, driver, copy, { objects, wanted })] += 1
        } catch (thrown) {
          context.signal.throwIfAborted()
          noteProblem(counts, copy.path, thrown)
        }
      }
    }
    await context.assertCurrent()
    const left = await leftBehind(context.catalog, input.storageId, wanted.newest.keyId)
    findings.push(...aboutLeftBehind(input.storageName, wanted.newest.keyId, { counts, left }))
    const { onlyOld, locked, lockedUntil, oldToo } = left
    return {
      result: { rewrap: { storage: input.storageName, keyId: wanted.newest.keyId, ...counts, left: { onlyOld, oldToo, locked, lockedUntil } } },
      findings,
    }
  } finally {
    await driver.close()
  }
}

/** Only the newest master key that the catalogue knows seals anew: an older one would lead backwards. */
async function wantedKeys(context: RunContext): Promise<Wanted> {
  const newest = requireKeys(context)
  const known = await currentKey(context.catalog, 'active')
  if (known !== null && known.id !== newest.keyId) {
    throw new LifeboatError(
      'wrong_key',
      `The newest master key is ${known.id}; the one of this machine is ${newest.keyId}.`,
      'Nothing was changed. Bring the newest key to this machine, and put its own into keys/older.',
    )
  }
  const recovery = await currentKey(context.catalog, 'recovery')
  const kms = await kmsSettings(context.catalog)
  return {
    newest,
    recovery: recovery?.public_key ? { id: recovery.id, publicPem: recovery.public_key } : null,
    kms,
  }
}

/** What the old sheet opens would open with nothing that is on paper. */
async function refuseUnsavedRecoveryKey(context: RunContext): Promise<void> {
  const recovery = await currentKey(context.catalog, 'recovery')
  if (recovery === null || recovery.confirmed_at !== null) return
  throw new LifeboatError(
    'refused',
    'The recovery key was made and not confirmed as saved, and the one before it would open nothing any more.',
    'Nothing was changed. Confirm that it is saved, in Settings, Keys, or make another one; then forget the old keys.',
  )
}

/** What a copy says is its own trouble; the storage's or the catalogue's ends the run, which then goes on where it stopped. */
function noteProblem(counts: RewrapCounts, path: string, thrown: unknown): void {
  const error = asLifeboatError(thrown)
  if (!['corrupt', 'missing', 'wrong_key', 'conflict'].includes(error.code)) throw thrown
  counts.failed += 1
  if (counts.problems.length < namedProblems) counts.problems.push({ path, problem: error.message })
}
