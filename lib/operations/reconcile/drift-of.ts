import type { SeenDrift } from '#lib/catalog/storage-drift.ts'
import type { FoundBackup, Listing } from './list-storage.ts'

/** What lies on a storage and stands in no row. `reasons`: why some of it could not be adopted, by path. */
export function driftOf(seen: {
  headless: readonly FoundBackup[]
  unknown: readonly FoundBackup[]
  reasons: ReadonlyMap<string, string>
  foreign: Listing['foreign']
}): SeenDrift[] {
  const size = (found: FoundBackup) => ({ path: found.path, objects: found.objects.size, bytes: found.bytes })
  const newestAt = (found: FoundBackup) => ({ newestAt: found.newestAt.toISOString() })
  return [
    ...seen.headless.map((found) => ({ kind: 'no_manifest' as const, ...size(found), detail: newestAt(found) })),
    ...seen.unknown.map((found) => {
      const refused = seen.reasons.get(found.path)
      return { kind: 'unknown_backup' as const, ...size(found), detail: { ...newestAt(found), ...(refused === undefined ? {} : { refused }) } }
    }),
    ...[...seen.foreign].map(([path, { objects, bytes }]) => ({ kind: 'foreign' as const, path, objects, bytes, detail: {} })),
  ]
}
