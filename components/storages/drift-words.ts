import { FileQuestion, FileWarning, type LucideIcon, PackageOpen, SearchX, UploadCloud } from 'lucide-react'
import type { Tone } from '#components/ui/chip.tsx'
import type { DriftAction } from '#lib/domain/drift.ts'
import type { StorageDrift } from '#lib/domain/keeping-views.ts'
import type { DriftKind } from '#lib/domain/states.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'

/** The gravest first. */
export const driftLook = {
  missing_objects: { tone: 'bad', icon: SearchX, word: 'missing', rank: 0 },
  unknown_backup: { tone: 'warn', icon: FileQuestion, word: 'unknown backup', rank: 1 },
  no_manifest: { tone: 'idle', icon: PackageOpen, word: 'leftover', rank: 2 },
  unfinished_upload: { tone: 'idle', icon: UploadCloud, word: 'unfinished upload', rank: 3 },
  foreign: { tone: 'idle', icon: FileWarning, word: 'foreign', rank: 4 },
} satisfies Record<DriftKind, { tone: Tone; icon: LucideIcon; word: string; rank: number }>

interface Act {
  verb: string
  /** what becomes of it, and what is safe */
  consequence: (drift: StorageDrift, storage: string) => string
  /** something is gone for good: the storage's name is typed */
  typed: boolean
}

export const driftActs = {
  adopt: {
    verb: 'Adopt',
    consequence: () => 'Its manifest is opened and checked, and the backup appears in the lists. Nothing on the storage is changed.',
    typed: false,
  },
  repair: {
    verb: 'Repair',
    consequence: (_drift, storage) =>
      `The copy on ${storage} is made again from a good copy on another storage, byte for byte. The source database is not touched.`,
    typed: false,
  },
  abort: {
    verb: 'Abort',
    consequence: (drift) =>
      `What was uploaded so far (${amount(drift)}) is removed; it was never a complete object. Uploads that still go on are left alone.`,
    typed: false,
  },
  remove: {
    verb: 'Remove',
    consequence: (drift, storage) => `${amount(drift)} at ${drift.path} on ${storage} are deleted for good. No backup in the lists needs them.`,
    typed: true,
  },
} satisfies Record<DriftAction, Act>

/** `3 objects, 12 MB` */
export function amount({ objects, bytes }: Pick<StorageDrift, 'objects' | 'bytes'>): string {
  return `${formatCount(objects, 'object')}, ${formatBytes(bytes)}`
}

/** `Nothing differs`, or `3 things differ: 1 missing, 2 leftovers`. */
export function driftFinding(drift: readonly StorageDrift[]): string {
  if (drift.length === 0) return 'Nothing differs'
  return `${formatCount(drift.length, 'thing differs', 'things differ')} from the catalogue`
}

export function byGravity(drift: readonly StorageDrift[]): StorageDrift[] {
  return [...drift].sort((a, b) => driftLook[a.kind].rank - driftLook[b.kind].rank || a.path.localeCompare(b.path))
}
