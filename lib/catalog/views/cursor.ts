import { type RawBuilder, sql } from 'kysely'
import { LifeboatError } from '#lib/domain/errors.ts'

/** A place in a list that is ordered by a time and the id, newest first. The time keeps its microseconds: a Date would lose them and skip rows. */
interface Place {
  at: string
  id: string
}

const uuid = /^[0-9a-f-]{36}$/
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/

export function cursorTime(column: string): RawBuilder<string> {
  return sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}

export function writeCursor(place: Place): string {
  return Buffer.from(`${place.at} ${place.id}`).toString('base64url')
}

export function readCursor(text: string): Place {
  const [at = '', id = ''] = Buffer.from(text, 'base64url').toString('utf8').split(' ')
  if (!instant.test(at) || !uuid.test(id))
    throw new LifeboatError('usage', 'The cursor is not one of ours.', 'Load the list again from its beginning.')
  return { at, id }
}

/** Rows that come after the cursor in a list ordered newest first. */
export function afterCursor(cursor: string | undefined, table: string, time = 'created_at'): RawBuilder<boolean> {
  if (cursor === undefined) return sql<boolean>`true`
  const place = readCursor(cursor)
  return sql<boolean>`(${sql.ref(`${table}.${time}`)}, ${sql.ref(`${table}.id`)}) < (${place.at}::timestamptz, ${place.id}::uuid)`
}

/** Cuts a list that was read with one row more than asked for. */
export function pageOf<Row extends { cursor_at: string; id: string }, View>(rows: Row[], limit: number, view: (row: Row) => View) {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map(view),
    nextCursor: rows.length > limit && last !== undefined ? writeCursor({ at: last.cursor_at, id: last.id }) : null,
  }
}
