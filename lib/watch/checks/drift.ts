import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { named, seenOfStorage } from '#lib/domain/watch/result.ts'

interface Row {
  id: string
  name: string
  medium: 'online' | 'offline'
  /** of the newest reconcile */
  state: string | null
  finishedAt: Date | null
  missing: number
  unknown: number
  manifestless: number
  foreign: number
}

const staleMs = 48 * 3_600_000

/** Where a storage and the catalogue disagree, as the last reconcile saw it. Strangers' files are told, and alarm nobody. */
export async function lookAtDrift(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<Row>`
    SELECT s.id, s.name, s.medium, o.state, o.finished_at AS "finishedAt",
      count(*) FILTER (WHERE f.kind = 'missing_objects')::int AS missing, count(*) FILTER (WHERE f.kind = 'unknown_backup')::int AS unknown,
      count(*) FILTER (WHERE f.kind = 'no_manifest')::int AS manifestless, count(*) FILTER (WHERE f.kind = 'foreign')::int AS foreign
    FROM storages s LEFT JOIN storage_drift f ON f.storage_id = s.id
    LEFT JOIN LATERAL (SELECT state, finished_at FROM operations WHERE storage_id = s.id AND kind = 'reconcile' AND NOT dry_run
      ORDER BY created_at DESC LIMIT 1) o ON true
    WHERE s.removed_at IS NULL GROUP BY s.id, s.name, s.medium, o.state, o.finished_at ORDER BY s.name`.execute(catalog)
  return rows.map((row) => seenOfStorage('storage_drift', row, judge(row, now)))
}

function judge(row: Row, now: Date): { status: CheckStatus; words: string; value: number } {
  const told = [
    [row.missing, 'with objects missing'],
    [row.unknown, 'that the catalogue does not know'],
    [row.manifestless, 'without a manifest'],
  ] as const
  const wrong = told.filter(([count]) => count > 0)
  const value = wrong.reduce((sum, [count]) => sum + count, 0)
  if (value > 0) return { status: 'warning', words: `Backups on it: ${named(wrong.map(([count, what]) => `${count} ${what}`))}.`, value }
  if (row.state === null) return { status: 'unknown', words: 'It was not compared with the catalogue yet.', value }
  if (row.finishedAt === null) return { status: 'unknown', words: 'It is being compared with the catalogue.', value }
  if (!row.state.startsWith('succeeded')) return { status: 'unknown', words: 'The last comparison with the catalogue did not end well.', value }
  const age = now.getTime() - row.finishedAt.getTime()
  if (age > staleMs && row.medium === 'online') {
    return { status: 'unknown', words: `It was last compared with the catalogue ${formatDuration(age / 1000)} ago.`, value }
  }
  const foreign = row.foreign === 0 ? '' : ` ${row.foreign} ${row.foreign === 1 ? 'file is' : 'files are'} not Lifeboat’s.`
  return { status: 'ok', words: `It holds what the catalogue says.${foreign}`, value }
}
