import { z } from 'zod'
import { type DriftKind, driftKinds } from './states.ts'
import { formatBytes, formatCount, formatRelative } from './units.ts'

/** What a person can do about a place where a storage and the catalogue disagree. */
export const driftActions = ['adopt', 'remove', 'repair', 'abort'] as const
export type DriftAction = (typeof driftActions)[number]

/** Younger than this, objects without a manifest and unfinished uploads may be another installation's backup under way. */
export const leaseMs = 6 * 3_600_000

export const driftActionInput = z.object({
  action: z.enum(driftActions),
  kind: z.enum(driftKinds),
  path: z.string().min(1).max(1024),
})

/** What a reconcile wrote down beside kind, path and size. */
export interface DriftDetail {
  /** of the newest object or upload; ISO 8601 */
  newestAt?: string
  oldestAt?: string
  /** the copy whose objects are not there */
  backupId?: string
  /** names of entries that are not there or have another size */
  entries?: string[]
  /** why it could not be adopted */
  refused?: string
  /** another copy of it can be read */
  goodCopy?: boolean
}

export function isYoung(detail: DriftDetail, now: Date): boolean {
  return detail.newestAt !== undefined && Date.parse(detail.newestAt) > now.getTime() - leaseMs
}

/** What it is and what can be done about it: sentences, and the acts that are offered. */
export function aboutDrift(
  drift: { kind: DriftKind; path: string; objects: number; bytes: number; detail: DriftDetail },
  now: Date,
): { words: string; actions: DriftAction[] } {
  const { detail } = drift
  const young = isYoung(detail, now)
  const size = `${formatCount(drift.objects, 'object')}, ${formatBytes(drift.bytes)}`
  const newest = detail.newestAt === undefined ? '' : `, the newest written ${formatRelative(detail.newestAt, now)}`
  switch (drift.kind) {
    case 'no_manifest':
      return young
        ? {
            words: `Objects of a backup that has no manifest (${size}${newest}): it may still be under way elsewhere. Look again in some hours.`,
            actions: [],
          }
        : {
            words: `Objects of a backup that never got its manifest, and that no attempt of this catalogue explains (${size}${newest}). Nothing can be restored from them. Remove them unless another installation writes here.`,
            actions: ['remove'],
          }
    case 'unknown_backup':
      return {
        words: `A backup that the catalogue does not know (${size}).${detail.refused === undefined ? ' Adopt it to be able to restore from it here; nothing is deleted by rule until somebody has looked.' : ` It could not be adopted: ${detail.refused}`}`,
        actions: ['adopt'],
      }
    case 'missing_objects': {
      const what =
        (detail.entries?.length ?? 0) === 0
          ? 'The catalogue has a copy here, and its manifest is gone: nothing can be restored from it.'
          : `The catalogue has a copy here, and ${formatCount(detail.entries?.length, 'entry', 'entries')} of it ${detail.entries?.length === 1 ? 'is' : 'are'} gone or of another size: ${(detail.entries ?? []).slice(0, 5).join(', ')}.`
      return detail.goodCopy === true
        ? { words: `${what} Another copy can be read: repair this one from it. Find out who deleted it.`, actions: ['repair'] }
        : { words: `${what} No other copy can be read. Take a new backup, and find out who deleted it.`, actions: [] }
    }
    case 'foreign':
      return { words: `Not Lifeboat’s (${size}). It takes room here; Lifeboat never touches it.`, actions: [] }
    case 'unfinished_upload': {
      const what = `${formatCount(drift.objects, 'upload')} that no attempt of this catalogue explains${detail.oldestAt === undefined ? '' : `, begun ${formatRelative(detail.oldestAt, now)}`}`
      return young
        ? { words: `${what}: under way elsewhere, or broken off. Look again in some hours.`, actions: [] }
        : { words: `${what}, and broken off. In a bucket its parts cost what stored bytes cost. Abort it.`, actions: ['abort'] }
    }
  }
}

/** Which kind an act is about; the others refuse it. */
export const kindsOfAction = {
  adopt: 'unknown_backup',
  remove: 'no_manifest',
  repair: 'missing_objects',
  abort: 'unfinished_upload',
} satisfies Record<DriftAction, DriftKind>
