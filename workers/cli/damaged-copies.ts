import type { BackupView } from '#lib/domain/views.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, named, seenOfDatabase } from '#lib/domain/watch/result.ts'

/** One critical result for each database of which a copy in the list is corrupt or missing. `backups`: newest first. */
export function damagedCopies(backups: readonly BackupView[]): CheckResult[] {
  const byDatabase = Map.groupBy(
    backups.flatMap((backup) => backup.copies.filter(({ state }) => state === 'corrupt' || state === 'missing').map((copy) => ({ backup, copy }))),
    ({ backup }) => backup.database.id,
  )
  return [...byDatabase.values()].flatMap((bad) => {
    const [newest] = bad
    if (newest === undefined) return []
    const storages = [...new Set(bad.map(({ copy }) => copy.storage.name))].sort()
    const words = `${countIs(bad.length, 'copy is', 'copies are')} corrupt or missing, on ${named(storages)}; the newest of ${newest.backup.name}.`
    const detail = { backupId: newest.backup.id, storages }
    return [seenOfDatabase('copies_bad', newest.backup.database, { status: 'critical', words, value: bad.length, detail })]
  })
}
