import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { verificationSettings } from '#lib/catalog/verification-settings.ts'
import type { CheckKind, CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { countIs, named, seenOfDatabase } from '#lib/domain/watch/result.ts'

interface Named {
  id: string
  name: string
  hasBackups: boolean
}

interface Found {
  databaseId: string
  count: number
  storages: string[]
  backupId: string
  backupName: string
}

/** A copy that is stored is read back within a day; one that was read, again within the cycle and half of it more. */
const firstReadHours = 24
const cycleSlack = 1.5
/** what failed is tried again later and later; it has this long before somebody is told */
const waitHours = 1

/** Damaged, not yet made, not read back: by database, zero where there is none. */
export async function lookAtCopies(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  // of what was never backed up no copy can be said to be whole
  const { rows: databases } = await sql<Named>`
    SELECT d.id, d.name, EXISTS (SELECT FROM backups b WHERE b.database_id = d.id AND b.finished_at IS NOT NULL) AS "hasBackups"
    FROM databases d WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  const { fullDays } = await verificationSettings(catalog)
  const [bad, late, unread] = await Promise.all([
    found(catalog, sql`c.state IN ('corrupt', 'missing')`),
    found(
      catalog,
      sql`c.state IN ('waiting', 'failed') AND s.medium = 'online' AND b.finished_at < ${now}::timestamptz - make_interval(hours => ${waitHours})
        AND b.state IN ('verified', 'retained', 'stored')`,
    ),
    found(
      catalog,
      sql`s.medium = 'online' AND ((c.state = 'stored' AND c.stored_at < ${now}::timestamptz - make_interval(hours => ${firstReadHours}))
        OR (c.state IN ('verified', 'retained') AND c.verified_at < ${now}::timestamptz - make_interval(secs => ${fullDays * cycleSlack * 86_400})))`,
    ),
  ])
  return databases.flatMap((database) => [
    of(
      'copies_bad',
      database,
      bad,
      'critical',
      'No copy is known to be damaged.',
      (one) => `${countIs(one.count, 'copy is', 'copies are')} corrupt or missing, on ${named(one.storages)}; the newest of ${one.backupName}.`,
    ),
    of(
      'copies_waiting',
      database,
      late,
      'warning',
      'Each backup lies where it should.',
      (one) => `${countIs(one.count, 'copy has', 'copies have')} still to be made on ${named(one.storages)}; the newest of ${one.backupName}.`,
    ),
    of(
      'copies_unverified',
      database,
      unread,
      'warning',
      'Each copy was read back in time.',
      (one) =>
        `${countIs(one.count, 'copy was', 'copies were')} not read back in time on ${named(one.storages)}: whether they are whole is not known.`,
    ),
  ])
}

function of(
  kind: CheckKind,
  { hasBackups, ...database }: Named,
  all: readonly Found[],
  status: CheckStatus,
  none: string,
  words: (found: Found) => string,
): CheckResult {
  const one = all.find((row) => row.databaseId === database.id)
  if (one === undefined && !hasBackups) return seenOfDatabase(kind, database, { status: 'unknown', words: 'No backup of it was finished yet.' })
  if (one === undefined) return seenOfDatabase(kind, database, { status: 'ok', words: none, value: 0 })
  return seenOfDatabase(kind, database, { status, words: words(one), value: one.count, detail: { backupId: one.backupId, storages: one.storages } })
}

async function found(catalog: Kysely<Catalog>, condition: ReturnType<typeof sql>): Promise<Found[]> {
  const { rows } = await sql<Found>`
    WITH placed AS (
      SELECT b.database_id, s.name AS storage, count(*)::int AS count, max(b.created_at) AS newest_at
      FROM copies c JOIN backups b ON b.id = c.backup_id JOIN storages s ON s.id = c.storage_id AND s.removed_at IS NULL
      WHERE b.finished_at IS NOT NULL AND ${condition}
      GROUP BY b.database_id, s.name
    ), found AS (
      SELECT database_id, sum(count)::int AS count, array_agg(storage ORDER BY storage) AS storages, max(newest_at) AS newest_at
      FROM placed GROUP BY database_id
    )
    SELECT f.database_id AS "databaseId", f.count, f.storages, newest.id AS "backupId", newest.name AS "backupName"
    FROM found f JOIN LATERAL (
      SELECT b.id, b.name FROM backups b WHERE b.database_id = f.database_id AND b.created_at = f.newest_at LIMIT 1) newest ON true`.execute(catalog)
  return rows
}
