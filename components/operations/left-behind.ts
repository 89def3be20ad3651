import type { OperationKind } from '#lib/domain/kinds.ts'
import type { OperationView } from '#lib/domain/views.ts'

const byKind = {
  check: 'Nothing was changed, and nothing is left behind.',
  backup: 'This backup will not exist: what was stored of it is removed. Earlier backups stay as they are.',
  verify: 'The copies stay as they are. What was read so far says nothing about the rest.',
  restore: 'The half-restored database that this restore created is dropped. The backup and every other database stay as they are.',
  clone: 'The half-filled database that this clone created is dropped. The source was only read and stays as it is.',
  undo: 'The live database is open: the one that it was before, or the one that takes its place. The other one is kept.',
  import: 'The private server is removed with all that it wrote, and no backup is made. The file stays as it is.',
  reconcile: 'What was compared so far stays known. Nothing on the storage is lost.',
  copy: 'No new copy will exist: what was stored of it is removed. A bad copy stays as bad as it was, and the other copies stay as they are.',
  prune: 'The copies that were deleted so far are gone. One whose deletion was begun is finished by the next run; every other one stays.',
  hold: 'The hold counts all the same. It is written beside the copy by the next reconcile.',
  rewrap: 'Each copy opens as before, and those that were reached with the newest key too. The next run goes on with the rest.',
} satisfies Record<OperationKind, string>

/** What a cancel leaves behind, said before it is asked for and after it was done. */
export function leftBehind({ kind, dryRun, startedAt }: OperationView): string {
  if (startedAt === null) return 'It has not begun: nothing was done, and nothing is left behind.'
  return dryRun ? 'A dry run writes nothing, so nothing is left behind.' : byKind[kind]
}
