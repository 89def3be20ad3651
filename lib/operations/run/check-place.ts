import { randomBytes } from 'node:crypto'
import { forecastStorage, type UsageDay } from '#lib/domain/capacity-forecast.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { BucketSettings, Capacity, StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'

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
export interface SeenPlace {
  findings: Finding[]
  /** what stood in the way; null: nothing */
  problem: LifeboatError | null
  /** until the marker was read, in milliseconds; null: it was not */
  latencyMs: number | null
  /** an object of our own was written, read back and removed */
  wrote: boolean
  capacity: Capacity | null
  bucket: BucketSettings | null
}

/** Marker, then (with `write`) an object of our own written, read back and removed, then space. Each request to a bucket costs. */
export async function checkPlace(signal: AbortSignal, driver: StorageDriver, known: KnownPlace, write: boolean): Promise<SeenPlace> {
  let latencyMs: number | null = null
  try {
    const begun = performance.now()
    await checkMarker(driver, known.storageId, signal)
    latencyMs = performance.now() - begun
    if (write) await probe(signal, driver)
    const capacity = await driver.capacity({ signal })
    const bucket = write ? await driver.settings({ signal }) : null
    const locked = lockProblem(bucket, known)
    const findings = [...spaceFindings(capacity, known), ...(locked === null ? [] : [asFinding(locked)])]
    return { findings, problem: locked, latencyMs, wrote: write, capacity, bucket }
  } catch (error) {
    signal.throwIfAborted()
    const problem = asLifeboatError(error)
    return { findings: [asFinding(problem)], problem, latencyMs, wrote: false, capacity: null, bucket: null }
  }
}

async function probe(signal: AbortSignal, driver: StorageDriver): Promise<void> {
  const key = `lifeboat-probe-${randomBytes(4).toString('hex')}`
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
function lockProblem(bucket: BucketSettings | null, { locks }: KnownPlace): LifeboatError | null {
  if (!locks || bucket?.objectLock !== false) return null
  const message = 'Each object is to be stored with a lock, and this bucket has no Object Lock.'
  return new LifeboatError('refused', message, 'Take the lock off this storage, or use a bucket that was made with Object Lock.', {
    detail: { code: 'no_object_lock' },
  })
}

function spaceFindings(capacity: Capacity, known: KnownPlace): Finding[] {
  const { usage, now, usedBytes, budgetBytes } = known
  const forecast = forecastStorage({ usage, now, usedBytes, budgetBytes, ...capacity })
  return forecast.warns ? [warning('space_scarce', forecast.words, 'Make room before the next backup needs it, or shorten the retention.')] : []
}

export function asFinding(error: LifeboatError): Finding {
  const code = typeof error.detail.code === 'string' ? error.detail.code : error.code
  return { severity: 'blocker', code, message: error.message, remedy: error.hint, overridable: false }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: false }
}
