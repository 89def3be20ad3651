import { getBackup } from '#lib/catalog/backups.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { connectionFor } from '../run/connection-for.ts'
import type { Run } from '../run-context.ts'
import type { FullRestore } from './definition.ts'
import { finishDatabase } from './finish-database.ts'
import { holdTarget } from './hold-target.ts'
import { planAndFetch } from './plan-and-fetch.ts'
import { report } from './report.ts'
import { restoreDatabase } from './restore-database.ts'

/** Restores a backup into a new database: plan, fetch and authenticate everything, restore, compare, and say what came back. */
export const runNew: Run<FullRestore> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { connection } = await connectionFor(context, input.serverDatabaseId ?? backup.database_id)
  context.progress({ phase: 'planning' })
  const hold = holdTarget(context, input.targetDbname)
  try {
    const { planned, fetched } = await planAndFetch(hold, { input, backup, connection })
    if (fetched === null) return { result: { plan: planned.plan }, findings: planned.plan.findings }
    const held = hold.context()
    return await restoreDatabase(held, { input, planned, fetched }, async ({ compared, globals, connection: restored, door }) => {
      const unfinished = await finishDatabase(held, { input, globals, connection: restored, door })
      return report(input, planned, { ...compared, losses: [...compared.losses, ...unfinished] })
    })
  } finally {
    await hold.release()
  }
}
