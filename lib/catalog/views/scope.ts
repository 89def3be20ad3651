import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

/** The condition that keeps a row to the databases this actor may see. Foreign ids are then not found, never forbidden. */
export function seenBy(actor: Actor, column: string): RawBuilder<boolean> {
  if (actor.databaseIds === null) return sql<boolean>`true`
  return sql<boolean>`${sql.ref(column)} = any(${actor.databaseIds}::uuid[])`
}

/** Operations without a database (a storage's check) are seen by those who see everything, and by whoever asked for them. */
export function operationSeenBy(actor: Actor, table = 'operations'): RawBuilder<boolean> {
  if (actor.databaseIds === null) return sql<boolean>`true`
  const own = sql<boolean>`(${sql.ref(`${table}.database_id`)} is null and ${sql.ref(`${table}.requested_by`)} = ${actor.id})`
  return sql<boolean>`(${seenBy(actor, `${table}.database_id`)} or ${own})`
}

/** Also the answer to an id that is no uuid: it names nothing. */
export function notFound(what: string): LifeboatError {
  return new LifeboatError('not_found', `There is no such ${what}.`, 'It may have been removed, or you may not have access to it.')
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
}

export function iso(at: Date): string
export function iso(at: Date | null): string | null
export function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}
