import { type Kysely, sql } from 'kysely'
import { listChecks } from '#lib/catalog/checks.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type CheckResult, checkKinds, isCheckKind, isStale } from '#lib/domain/watch/check-kinds.ts'
import { countIs, named, seenOfInstallation } from '#lib/domain/watch/result.ts'

/** a database or storage that was just added has this long to be looked at */
const firstLookSeconds = 600

/**
 * The check of the checks: those that were not made in time say nothing, and somebody has to know that. `runningSince`: rounds have followed each
 * other since then, so what is older could have been made anew.
 */
export async function lookAtWatch(catalog: Kysely<Catalog>, { now, runningSince }: { now: Date; runningSince: Date }): Promise<CheckResult[]> {
  const rows = (await listChecks(catalog)).filter((row) => isCheckKind(row.kind) && row.kind !== 'watch')
  const could = (at: Date) => (at > runningSince ? at : runningSince)
  const stale = rows.filter((row) => isStale(row.kind, could(row.checked_at), now)).map((row) => nameOf(checkKinds[row.kind].title, row.subject_name))
  const { rows: never } = await sql<{ kind: 'database_reachable' | 'storage_reachable'; name: string }>`
    SELECT 'database_reachable' AS kind, d.name FROM databases d WHERE d.removed_at IS NULL AND d.username <> ''
      AND greatest(d.created_at, ${runningSince}) < ${now}::timestamptz - make_interval(secs => ${firstLookSeconds})
      AND NOT EXISTS (SELECT FROM checks c WHERE c.kind = 'database_reachable' AND c.subject = d.id::text)
    UNION ALL
    SELECT 'storage_reachable', s.name FROM storages s WHERE s.removed_at IS NULL AND s.medium = 'online'
      AND greatest(s.created_at, ${runningSince}) < ${now}::timestamptz - make_interval(secs => ${firstLookSeconds})
      AND NOT EXISTS (SELECT FROM checks c WHERE c.kind = 'storage_reachable' AND c.subject = s.id::text)`.execute(catalog)
  const all = [...stale, ...never.map((one) => nameOf(checkKinds[one.kind].title, one.name))]
  if (all.length === 0) return [seenOfInstallation('watch', { status: 'ok', words: 'Every check was made in time.', value: 0 })]
  const words = `${countIs(all.length, 'check was', 'checks were')} not made in time, and what ${all.length === 1 ? 'it watches' : 'they watch'} is not known: ${named(all)}.`
  return [seenOfInstallation('watch', { status: 'warning', words, value: all.length })]
}

function nameOf(title: string, subject: string): string {
  return subject === '' ? title.toLowerCase() : `${title.toLowerCase()} of ${subject}`
}
