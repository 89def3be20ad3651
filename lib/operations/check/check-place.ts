import { randomBytes } from 'node:crypto'
import { forecastStorage, type UsageDay } from '#lib/domain/capacity-forecast.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { BucketSettings, Capacity, StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import type { RunContext } from '../run-context.ts'

export interface KnownPlace {
  storageId: string
  budgetBytes: number | null
  /** each object is to be stored with a lock */
  locks: boolean
  usedBytes: number | null
  /** of its days so far */
  usage: readonly UsageDay[]
  /** the catalogue's clock */
  now: Date
}

/** Marker, then an object of our own written, read back and removed, then space. */
export async function checkPlace(
  context: RunContext,
  driver: StorageDriver,
  known: KnownPlace,
): Promise<{ findings: Finding[]; capacity: Capacity | null; bucket: BucketSettings | null }> {
  const { signal } = context
  try {
    await checkMarker(driver, known.storageId, signal)
    await probe(context, driver)
    const capacity = await driver.capacity({ signal })
    const bucket = await driver.settings({ signal })
    return { findings: [...spaceFindings(capacity, known), ...lockFindings(bucket, known)], capacity, bucket }
  } catch (error) {
    signal.throwIfAborted()
    return { findings: [asFinding(asLifeboatError(error))], capacity: null, bucket: null }
  }
}

async function probe(context: RunContext, driver: StorageDriver): Promise<void> {
  const { signal } = context
  const key = `lifeboat-probe-${context.attempt}`
  const written = randomBytes(64)
  await driver.putSmall(key, written, { signal, overwrite: true })
  try {
    const read = await driver.getSmall(key, { signal, maxBytes: 1024 })
    if (!read.equals(written)) {
      throw new LifeboatError(
        'storage_refused',
        'The storage gave back other bytes than were written.',
        'Do not use it: look at the disk or the store.',
      )
    }
  } finally {
    await driver.remove(key, { signal })
  }
}

/** Objects that ask for a lock are refused by a bucket without one: every backup would fail. */
function lockFindings(bucket: BucketSettings | null, { locks }: KnownPlace): Finding[] {
  if (!locks || bucket?.objectLock !== false) return []
  const message = 'Each object is to be stored with a lock, and this bucket has no Object Lock.'
  const remedy = 'Take the lock off this storage, or use a bucket that was made with Object Lock.'
  return [{ severity: 'blocker', code: 'no_object_lock', message, remedy, overridable: false }]
}

function spaceFindings(capacity: Capacity, known: KnownPlace): Finding[] {
  const { usage, now, usedBytes, budgetBytes } = known
  const forecast = forecastStorage({ usage, now, usedBytes, budgetBytes, ...capacity })
  return forecast.warns ? [warning('space_scarce', forecast.words, 'Make room before the next backup needs it, or shorten the retention.')] : []
}

export function asFinding(error: LifeboatError): Finding {
  return { severity: 'blocker', code: error.code, message: error.message, remedy: error.hint, overridable: false }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: false }
}
