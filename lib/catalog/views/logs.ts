import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { explainFault } from '#lib/domain/explain-fault.ts'
import { logKinds } from '#lib/domain/log-filters.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { Page } from '#lib/domain/views.ts'
import type { LogLine } from '#lib/domain/watch-views.ts'
import { cursorTime } from './cursor.ts'
import { iso, operationSeenBy } from './scope.ts'

const periodUnits = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export const logFilters = z.object({
  /** occurs in the message, whatever the case */
  q: z.string().trim().max(200).optional(),
  /** `trouble`: errors and warnings; default: everything but progress */
  kind: z.enum(logKinds).optional(),
  databaseId: z.uuid().optional(),
  operationId: z.uuid().optional(),
  /** an instant, or how long ago: `30m`, `24h`, `7d` */
  since: z.union([z.iso.datetime({ offset: true }), z.string().regex(/^[1-9]\d{0,4}[mhd]$/)]).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
})
export type LogFilters = z.input<typeof logFilters>

/** How an operation that ended badly is told: its last event is of the kind `state`, and is an error all the same. */
const kindOf = sql<LogLine['kind']>`CASE WHEN e.kind = 'state' AND e.data->>'state' IN ('failed', 'interrupted') THEN 'error' ELSE e.kind END`

/** A search that finds little reads every line there is, and the web has ten connections for everybody. */
const searchMs = 5_000

/**
 * Lines of every operation that the actor may see, newest first. `now`: the catalogue's clock. Throws `usage` for a cursor that is not ours, and
 * `stalled` where the search takes more than `atMostMs`.
 */
export async function searchLogs(
  catalog: Kysely<Catalog>,
  actor: Actor,
  now: Date,
  filters: LogFilters = {},
  { atMostMs = searchMs }: { atMostMs?: number } = {},
): Promise<Page<LogLine>> {
  const { q, kind, databaseId, operationId, since, limit, cursor } = logFilters.parse(filters)
  let query = catalog
    .selectFrom('operation_events as e')
    .innerJoin('operations as o', 'o.id', 'e.operation_id')
    .leftJoin('databases as d', 'd.id', 'o.database_id')
    .select([
      'e.id',
      'e.at',
      'e.message',
      'e.operation_id',
      'o.kind as operation_kind',
      'o.title',
      'o.error',
      'o.database_id',
      'd.name as database_name',
    ])
    .select([kindOf.as('kind'), cursorTime('e.at').as('cursor_at')])
    .where(operationSeenBy(actor, 'o'))
  if (q !== undefined && q !== '') query = query.where('e.message', 'ilike', `%${q.replaceAll(/[\\%_]/g, (one) => `\\${one}`)}%`)
  if (kind === undefined) query = query.where('e.kind', '<>', 'progress')
  else if (kind === 'trouble') query = query.where(sql<boolean>`${kindOf} IN ('warning', 'error')`)
  else query = query.where(sql<boolean>`${kindOf} = ${kind}`)
  if (databaseId !== undefined) query = query.where('o.database_id', '=', databaseId)
  if (operationId !== undefined) query = query.where('e.operation_id', '=', operationId)
  if (since !== undefined) query = query.where('e.at', '>=', instantOf(since, now))
  if (cursor !== undefined) {
    const { at, id } = readPlace(cursor)
    query = query.where(sql<boolean>`(e.at, e.id) < (${at}::timestamptz, ${id}::bigint)`)
  }
  const asked = query
    .orderBy('e.at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(limit + 1)
  const rows = await within(catalog, atMostMs, async (db) => (await db.executeQuery(asked)).rows)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row): LogLine => {
      const isTrouble = row.kind === 'error' || row.kind === 'warning'
      // only the line of its end carries the code that it ended with
      const code = row.error !== null && row.message === row.error.message ? row.error.code : null
      return {
        id: Number(row.id),
        at: iso(row.at),
        kind: row.kind,
        message: row.message,
        operation: { id: row.operation_id, kind: row.operation_kind, title: row.title },
        database: row.database_id === null ? null : { id: row.database_id, name: row.database_name ?? '' },
        explained: isTrouble ? explainFault(row.message, code) : null,
      }
    }),
    nextCursor: rows.length > limit && last !== undefined ? Buffer.from(`${last.cursor_at} ${last.id}`).toString('base64url') : null,
  }
}

async function within<T>(catalog: Kysely<Catalog>, atMostMs: number, work: (db: Kysely<Catalog>) => Promise<T>): Promise<T> {
  try {
    return await catalog.transaction().execute(async (trx) => {
      await sql`SET LOCAL statement_timeout = ${sql.lit(atMostMs)}`.execute(trx)
      return work(trx)
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '57014')) throw error
    const fact = `The search through the logs was given up after ${formatDuration(atMostMs / 1_000)}.`
    throw new LifeboatError('stalled', fact, 'Narrow the time, or name a database or an operation.', { cause: error })
  }
}

function instantOf(since: string, now: Date): Date {
  const unit = since.at(-1)
  if (unit === 'm' || unit === 'h' || unit === 'd') return new Date(now.getTime() - Number(since.slice(0, -1)) * periodUnits[unit])
  return new Date(since)
}

function readPlace(cursor: string): { at: string; id: string } {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(at) || !/^\d{1,18}$/.test(id))
    throw new LifeboatError('usage', 'The cursor is not one of ours.', 'Load the list again from its beginning.')
  return { at, id }
}
