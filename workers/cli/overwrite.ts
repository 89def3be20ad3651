import { findDatabaseByName, getDatabase } from '#lib/catalog/databases.ts'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { type RestoreRequest, requestRestore } from '#lib/operations/restore/request.ts'
import { confirmName } from './ask.ts'
import { planWords, printFinished } from './finish.ts'
import { untilFinished } from './follow.ts'
import { mode, talk } from './output.ts'
import type { Session } from './session.ts'

/** The registered database that is written into: the backup's own, or the one that --into names. */
export async function overwrittenDatabase(session: Session, backup: BackupRow, into: string | undefined): Promise<{ id: string; dbname: string }> {
  const found = into === undefined ? await getDatabase(session.catalog, backup.database_id) : await findDatabaseByName(session.catalog, into)
  if (found !== null && found.removed_at === null) return found
  throw new LifeboatError(
    'not_found',
    into === undefined ? 'The database of this backup is not registered any more.' : `No database is called "${into}" here.`,
    'Only a registered database can be written into: lifeboat database list',
  )
}

/**
 * A restore that overwrites, as a person goes about it: plans, shows the plan, asks for the name of what is overwritten, and then asks for
 * exactly what was planned; should the target be another one by then, nothing happens. Returns the exit code.
 */
export async function overwrite(
  session: Session,
  options: {
    request: RestoreRequest
    /** what the person must type */
    dbname: string
    /** said before the question; default: the whole database */
    what?: string
    dryRun: boolean
    yes: boolean
    words: (result: Record<string, unknown>) => string
  },
): Promise<number> {
  const { request, dbname, words } = options
  const planned = await requestRestore(session.catalog, session.actor, { ...request, dryRun: true, via: 'cli' })
  const row = await untilFinished(session, planned.id)
  const plan = (row.result as { plan?: Plan } | null)?.plan
  if (options.dryRun || plan === undefined || plan.blocked) return printFinished(row, words)
  if (!mode.json) talk(planWords(plan))
  const confirmation = await confirmName(options.what ?? `Everything in ${dbname} that the backup holds is overwritten.`, dbname, options.yes)
  const { id } = await requestRestore(session.catalog, session.actor, { ...request, confirmation, fingerprint: plan.target, via: 'cli' })
  return printFinished(await untilFinished(session, id), words)
}
