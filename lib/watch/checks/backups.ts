import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { type BackupFacts, judgeBackup } from '#lib/domain/watch/judge-backup.ts'

interface Row {
  databaseId: string
  name: string
  tier: string
  pausedAt: Date | null
  nextAt: Date | null
  slots: Json<BackupFacts['slots']>
  laterSuccess: Json<BackupFacts['laterSuccess']>
}
/** as jsonb gives it: times are text */
type Json<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T

/** Of each schedule: what became of what it owed. */
export async function lookAtBackups(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<Row>`
    SELECT d.id AS "databaseId", d.name, c.tier, c.paused_at AS "pausedAt", ahead.slot AS "nextAt", coalesce(due.slots, '[]') AS slots,
      success.one AS "laterSuccess"
    FROM schedules c JOIN databases d ON d.id = c.database_id AND d.removed_at IS NULL
    LEFT JOIN LATERAL (SELECT slot FROM slots WHERE schedule_id = c.id AND slot > ${now} ORDER BY slot LIMIT 1) ahead ON true
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(jsonb_build_object('slot', s.slot, 'state', s.state, 'reason', s.reason, 'attempt', tried.one) ORDER BY s.slot DESC) AS slots
      FROM (SELECT * FROM slots WHERE schedule_id = c.id AND slot <= ${now} ORDER BY slot DESC LIMIT 10) s
      LEFT JOIN LATERAL (
        SELECT jsonb_build_object('id', o.id, 'state', o.state, 'attempt', CASE WHEN o.retry_of IS NULL THEN 1 ELSE 2 END, 'finishedAt', o.finished_at,
          'message', o.error ->> 'message', 'cancelledBy', o.cancel_requested_name) AS one
        FROM operations o WHERE o.database_id = d.id AND o.kind = 'backup' AND NOT o.dry_run AND o.created_at >= s.slot - interval '1 hour'
          AND (o.id = s.operation_id OR o.retry_of = s.operation_id)
        ORDER BY o.created_at DESC LIMIT 1) tried ON s.operation_id IS NOT NULL) due ON true
    LEFT JOIN LATERAL (
      SELECT jsonb_build_object('operationId', o.id, 'finishedAt', o.finished_at, 'tier', coalesce(o.input ->> 'tier', 'manual')) AS one
      FROM operations o WHERE o.database_id = d.id AND o.kind = 'backup' AND NOT o.dry_run AND o.state IN ('succeeded', 'succeeded_with_findings')
      ORDER BY o.created_at DESC LIMIT 1) success ON true
    WHERE c.removed_at IS NULL
    ORDER BY d.name, c.tier`.execute(catalog)
  const scheduled = rows.map((row) => resultOf(row, judgeBackup(factsOf(row), now)))
  return [...scheduled, ...(await lookAtManual(catalog, now))]
}

function factsOf(row: Row): BackupFacts {
  const success = row.laterSuccess
  return {
    tier: row.tier,
    pausedAt: row.pausedAt,
    nextAt: row.nextAt,
    slots: row.slots.map((one) => ({
      ...one,
      slot: new Date(one.slot),
      attempt:
        one.attempt === null ? null : { ...one.attempt, finishedAt: one.attempt.finishedAt === null ? null : new Date(one.attempt.finishedAt) },
    })),
    laterSuccess: success === null ? null : { ...success, finishedAt: new Date(success.finishedAt) },
  }
}

/**
 * What a person asked for is owed too: the last one that nobody cancelled, within a week, or since the last success before that week. So one that
 * failed counts until a later backup of any tier succeeds: to cancel another one, or to wait, puts nothing right.
 */
async function lookAtManual(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{ databaseId: string; name: string; id: string; state: string; message: string | null; later: boolean }>`
    SELECT d.id AS "databaseId", d.name, last.id, last.state, last.message, last.later
    FROM databases d
    LEFT JOIN LATERAL (SELECT o.created_at FROM operations o WHERE o.database_id = d.id AND o.kind = 'backup' AND NOT o.dry_run
        AND o.state IN ('succeeded', 'succeeded_with_findings') AND o.created_at <= ${now}::timestamptz - interval '7 days'
      ORDER BY o.created_at DESC LIMIT 1) success ON true
    JOIN LATERAL (
      SELECT o.id, o.state, o.error ->> 'message' AS message, EXISTS (SELECT FROM operations n WHERE n.database_id = d.id AND n.kind = 'backup'
          AND NOT n.dry_run AND n.created_at > o.created_at AND n.state IN ('succeeded', 'succeeded_with_findings')) AS later
      FROM operations o WHERE o.database_id = d.id AND o.kind = 'backup' AND NOT o.dry_run AND coalesce(o.input ->> 'tier', 'manual') = 'manual'
        AND o.finished_at IS NOT NULL AND o.state <> 'cancelled'
        AND o.created_at > least(${now}::timestamptz - interval '7 days', coalesce(success.created_at, '-infinity'))
      ORDER BY o.created_at DESC LIMIT 1) last ON true
    WHERE d.removed_at IS NULL
    ORDER BY d.name`.execute(catalog)
  return rows.map((row) => {
    const failed = !row.state.startsWith('succeeded')
    const why = row.message === null ? `it was ${row.state}` : row.message.replace(/[.\s]+$/, '')
    const words = !failed
      ? 'The last backup on demand succeeded.'
      : row.later
        ? 'The last backup on demand failed; a later backup succeeded.'
        : `The last backup on demand failed: ${why}.`
    return resultOf({ ...row, tier: 'manual' }, { status: failed && !row.later ? 'critical' : 'ok', words, detail: { operationId: row.id } })
  })
}

function resultOf(of: { databaseId: string; name: string; tier: string }, seen: Pick<CheckResult, 'status' | 'words' | 'detail'>): CheckResult {
  return {
    kind: 'backup',
    subject: `${of.databaseId}:${of.tier}`,
    subjectName: `${of.name}, ${of.tier}`,
    databaseId: of.databaseId,
    storageId: null,
    value: null,
    ...seen,
    detail: { ...seen.detail, databaseId: of.databaseId, tier: of.tier },
  }
}
