import { openOperationStates } from '#lib/domain/states.ts'
import type { RunContext } from '../run-context.ts'

/** Ids of the backups of which a copy is being made just now, from the database or from another copy: they are not judged. */
export async function busyBackups(context: RunContext): Promise<Set<string>> {
  const taken = await context.catalog
    .selectFrom('backups')
    .innerJoin('operations', 'operations.id', 'backups.operation_id')
    .select('backups.id')
    .where('backups.finished_at', 'is', null)
    .where('operations.state', 'in', openOperationStates)
    .execute()
  const copied = await context.catalog
    .selectFrom('operations')
    .select('backup_id as id')
    .where('state', 'in', openOperationStates)
    // whatever else works on a backup only reads; and the next attempt of a backup that died still names the dead one's, and makes its own
    .where('kind', 'not in', ['verify', 'restore', 'check', 'backup', 'import'])
    .where('backup_id', 'is not', null)
    .execute()
  return new Set([...taken, ...copied].flatMap((row) => row.id ?? []))
}
