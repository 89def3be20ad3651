import { type Kysely, type Selectable, sql } from 'kysely'
import type { CheckKind, CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { type Batches, deleteInBatches } from './delete-in-batches.ts'
import type { Catalog } from './schema.ts'

export type CheckRow = Selectable<Catalog['checks']>

/** Between two rows of a check's history whose status did not change. */
const recordEverySeconds = 300

/**
 * Keeps what was seen: the last result of each, and its history. `at`: the catalogue's clock. A look that is older than the one that stands is
 * passed over, so a slow process cannot bring an old result back.
 */
export async function recordChecks(db: Kysely<Catalog>, at: Date, results: readonly CheckResult[]): Promise<void> {
  if (results.length === 0) return
  const values = results.map((one) => ({
    kind: one.kind,
    subject: one.subject,
    subject_name: one.subjectName,
    database_id: one.databaseId,
    storage_id: one.storageId,
    status: one.status,
    words: one.words,
    value: one.value,
    detail: JSON.stringify(one.detail),
    since: at,
    checked_at: at,
  }))
  await sql`
    WITH looked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(values)}::jsonb) AS one(kind text, subject text, subject_name text, database_id uuid,
        storage_id uuid, status text, words text, value double precision, detail text, since timestamptz, checked_at timestamptz)
      ORDER BY kind, subject
    ), before AS (
      SELECT checks.* FROM checks JOIN looked USING (kind, subject) ORDER BY checks.kind, checks.subject FOR UPDATE OF checks
    ), kept AS (
      INSERT INTO checks AS c (kind, subject, subject_name, database_id, storage_id, status, words, value, detail, since, checked_at, recorded_at)
      SELECT l.kind, l.subject, l.subject_name, l.database_id, l.storage_id, l.status, l.words, l.value, l.detail::jsonb,
        CASE WHEN b.status = l.status THEN b.since ELSE l.since END, l.checked_at,
        CASE WHEN b.status = l.status AND b.recorded_at > l.checked_at - make_interval(secs => ${recordEverySeconds}) THEN b.recorded_at ELSE l.checked_at END
      FROM looked l LEFT JOIN before b USING (kind, subject)
      ON CONFLICT (kind, subject) DO UPDATE SET subject_name = excluded.subject_name, database_id = excluded.database_id,
        storage_id = excluded.storage_id, status = excluded.status, words = excluded.words, value = excluded.value, detail = excluded.detail,
        since = excluded.since, checked_at = excluded.checked_at, recorded_at = excluded.recorded_at
        WHERE c.checked_at <= excluded.checked_at
      RETURNING c.*
    )
    INSERT INTO check_results (kind, subject, at, status, words, value)
    SELECT kind, subject, checked_at, status, words, value FROM kept WHERE recorded_at = checked_at`.execute(db)
}

export async function listChecks(db: Kysely<Catalog>): Promise<CheckRow[]> {
  return db.selectFrom('checks').selectAll().orderBy('kind').orderBy('subject_name').orderBy('subject').execute()
}

export async function getCheck(db: Kysely<Catalog>, kind: CheckKind, subject: string): Promise<CheckRow | null> {
  return (await db.selectFrom('checks').selectAll().where('kind', '=', kind).where('subject', '=', subject).executeTakeFirst()) ?? null
}

/** Rows of these kinds whose subject is not among those that were looked at are taken away: what they looked at is gone. */
export async function forgetGoneChecks(
  db: Kysely<Catalog>,
  kinds: readonly CheckKind[],
  subjects: readonly { kind: CheckKind; subject: string }[],
): Promise<void> {
  if (kinds.length === 0) return
  const present = subjects.map((one) => `${one.kind} ${one.subject}`)
  await sql`DELETE FROM checks WHERE kind = any(${kinds}::text[]) AND NOT (kind || ' ' || subject = any(${present}::text[]))`.execute(db)
}

/** What was asked of databases and storages that were taken off the list, or of databases that nobody connects to any more, goes. */
export async function forgetRemoved(db: Kysely<Catalog>): Promise<void> {
  await sql`DELETE FROM checks c USING databases d WHERE c.database_id = d.id AND d.removed_at IS NOT NULL`.execute(db)
  await sql`DELETE FROM checks c USING storages s WHERE c.storage_id = s.id AND s.removed_at IS NOT NULL`.execute(db)
  await sql`
    DELETE FROM checks c USING databases d WHERE c.database_id = d.id AND d.username = ''
      AND c.kind IN ('database_reachable', 'database_connections', 'database_replication', 'database_archiving', 'certificate')`.execute(db)
}

/** History older than `before` goes, the oldest first, in batches; what one run leaves goes with the next. Returns how many rows. */
export async function forgetOldResults(db: Kysely<Catalog>, before: Date, batches: Batches = { rows: 10_000, atMost: 200 }): Promise<number> {
  return deleteInBatches(batches, async (limit) => {
    const gone = await sql`
      DELETE FROM check_results WHERE id IN (SELECT id FROM check_results WHERE at < ${before} ORDER BY at LIMIT ${limit})`.execute(db)
    return Number(gone.numAffectedRows ?? 0n)
  })
}
