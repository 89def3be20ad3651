import type { StorageDetail } from '#lib/domain/keeping-views.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

type Bucket = NonNullable<StorageDetail['bucket']>

export const versioningWords = {
  enabled: 'on: what is deleted stays as an older version until a rule of the bucket removes it',
  suspended: 'suspended: older versions stay, new ones are not kept',
  off: 'off: what is deleted is gone',
  unknown: 'unknown: the credentials may not ask',
} satisfies Record<Bucket['versioning'], string>

/** What we set on each object that is stored. */
export function lockWords({ lockMode, lockDays }: Pick<StorageView, 'lockMode' | 'lockDays'>): string {
  if (lockMode === null || lockDays === null) return 'none is set'
  const days = formatCount(lockDays, 'day')
  return lockMode === 'COMPLIANCE'
    ? `compliance, ${days} from when an object is stored: nobody can delete it before, not even the account’s owner`
    : `governance, ${days} from when an object is stored: only a right of its own deletes it before`
}

/** Where what we ask for and what the bucket can do differ; null: they do not. */
export function bucketWarning({ lockMode }: Pick<StorageView, 'lockMode'>, bucket: Bucket): string | null {
  if (lockMode !== null && bucket.objectLock === false) return 'A lock is set here, but the bucket has no Object Lock: nothing is locked.'
  if (bucket.objectLock === true && bucket.versioning !== 'enabled')
    return 'Object Lock is on, yet versioning is not: what is locked can be overwritten.'
  return null
}
