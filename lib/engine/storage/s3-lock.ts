import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectLegalHoldCommand,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { BucketSettings, ObjectLock, Removal } from './driver.ts'
import { callStore } from './s3-call.ts'
import { replyOf } from './s3-errors.ts'
import type { Bucket } from './s3-upload.ts'

/** What is set on each object that is stored: until when nobody may delete it. COMPLIANCE binds everybody, GOVERNANCE all but a few. */
export interface LockOnStore {
  mode: 'GOVERNANCE' | 'COMPLIANCE'
  days: number
}

export function lockHeaders(lock: LockOnStore | null, now = new Date()): { ObjectLockMode?: LockOnStore['mode']; ObjectLockRetainUntilDate?: Date } {
  return lock === null ? {} : { ObjectLockMode: lock.mode, ObjectLockRetainUntilDate: new Date(now.getTime() + lock.days * 86_400_000) }
}

/** What the object's own headers say; null: no lock is on it, or it is not there. */
export async function lockOf(at: Bucket, Key: string): Promise<ObjectLock | null> {
  return callStore(at, `looking at ${Key}`, async (abortSignal) => {
    try {
      const found = await at.client.send(new HeadObjectCommand({ Bucket: at.bucket, Key }), { abortSignal })
      const until = found.ObjectLockRetainUntilDate ?? null
      const held = found.ObjectLockLegalHoldStatus === 'ON'
      return held || (until !== null && until > new Date()) ? { mode: found.ObjectLockMode ?? null, until, legalHold: held } : null
    } catch (error) {
      if (replyOf(error).status === 404) return null
      throw error
    }
  })
}

/** Why was a deletion denied? Stores say AccessDenied both for a lock and for missing rights; the object's own headers, or the store's words, tell. */
export async function isLocked(at: Bucket, Key: string, denied: LifeboatError): Promise<boolean> {
  if (denied.cause instanceof Error && /object.?lock|WORM|retention|legal.?hold/i.test(denied.cause.message)) return true
  return (await lockOf(at, Key)) !== null
}

/** On the current version. Throws `storage_refused` where the bucket has no Object Lock or we may not. */
export async function setLegalHold(at: Bucket, Key: string, on: boolean): Promise<void> {
  await callStore(at, `${on ? 'holding' : 'releasing'} ${Key}`, (abortSignal) =>
    at.client.send(new PutObjectLegalHoldCommand({ Bucket: at.bucket, Key, LegalHold: { Status: on ? 'ON' : 'OFF' } }), { abortSignal }),
  )
}

/**
 * Deletes every version of one key and the markers in front of them: only that frees the room in a bucket with versioning, where a plain
 * deletion hides the object and succeeds on a locked one too. Where versions may not be listed or deleted, the object is hidden instead.
 */
export async function removeEveryVersion(at: Bucket, toDelete: Bucket, Key: string, hide: () => Promise<Removal>): Promise<Removal> {
  if ((await lockOf(at, Key)) !== null) return 'retained'
  const versions = await versionsOf(toDelete, Key)
  if (versions === null) return hide()
  let kept = false
  for (const VersionId of versions) {
    try {
      await callStore(toDelete, `deleting a version of ${Key}`, (abortSignal) =>
        toDelete.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key, VersionId }), { abortSignal }),
      )
    } catch (error) {
      if (!(error instanceof LifeboatError)) throw error
      if (error.code === 'missing') continue
      if (error.code !== 'storage_refused') throw error
      kept = true
    }
  }
  if (!kept) return 'deleted'
  // an older version that is locked, or rights that end at hiding
  return hide()
}

/** Ids, markers included; null: there is no versioning to speak of, or it may not be seen. */
async function versionsOf(at: Bucket, Key: string): Promise<string[] | null> {
  const found: string[] = []
  let KeyMarker: string | undefined
  let VersionIdMarker: string | undefined
  for (;;) {
    const page = await callStore(at, `listing versions of ${Key}`, (abortSignal) =>
      at.client.send(new ListObjectVersionsCommand({ Bucket: at.bucket, Prefix: Key, KeyMarker, VersionIdMarker }), { abortSignal }),
    ).catch((error: unknown) => {
      if (error instanceof LifeboatError && ['storage_refused', 'missing', 'failed'].includes(error.code)) return null
      throw error
    })
    if (page === null) return null
    for (const one of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      if (one.Key === Key && one.VersionId !== undefined) found.push(one.VersionId)
    }
    const beyond = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].some((one) => (one.Key ?? '') > Key)
    if (beyond || !page.IsTruncated || !page.NextKeyMarker) break
    KeyMarker = page.NextKeyMarker
    VersionIdMarker = page.NextVersionIdMarker
  }
  return found.every((id) => id === 'null') ? null : found
}

/** What the bucket says of itself; `unknown` and null where it does not say. */
export async function bucketSettings(at: Bucket): Promise<BucketSettings> {
  const versioning = await asked(async () => {
    const reply = await callStore(at, 'asking for the versioning of the bucket', (abortSignal) =>
      at.client.send(new GetBucketVersioningCommand({ Bucket: at.bucket }), { abortSignal }),
    )
    return reply.Status === 'Enabled' ? ('enabled' as const) : reply.Status === 'Suspended' ? ('suspended' as const) : ('off' as const)
  })
  const lock = await asked(async () => {
    try {
      const reply = await callStore(at, 'asking for the lock of the bucket', (abortSignal) =>
        at.client.send(new GetObjectLockConfigurationCommand({ Bucket: at.bucket }), { abortSignal }),
      )
      const rule = reply.ObjectLockConfiguration?.Rule?.DefaultRetention
      const days = rule?.Days ?? (rule?.Years === undefined ? null : rule.Years * 365)
      return { on: reply.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled', mode: rule?.Mode ?? null, days }
    } catch (error) {
      const said = error instanceof LifeboatError && error.cause instanceof Error ? error.cause.name : ''
      if (/ObjectLockConfigurationNotFound/.test(said)) return { on: false, mode: null, days: null }
      throw error
    }
  })
  return { versioning: versioning ?? 'unknown', objectLock: lock?.on ?? null, defaultMode: lock?.mode ?? null, defaultDays: lock?.days ?? null }
}

/** null: the store does not know the question, or does not answer us. An answer of the network is no answer of the store. */
async function asked<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof LifeboatError && !['storage_unreachable', 'stalled', 'cancelled'].includes(error.code)) return null
    throw error
  }
}
