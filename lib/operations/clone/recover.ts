import { LifeboatError } from '#lib/domain/errors.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { dropCreated } from '../restore/recover-new.ts'
import { emptyResult } from '../restore/report.ts'
import { connectionFor } from '../run/connection-for.ts'
import type { Recover } from '../recover-context.ts'
import { cloneInput } from './definition.ts'

/** Drops what a clone had created whose worker died, by the OID that it recorded. The source was only read. */
export const recoverClone: Recover = async (context, operation) => {
  const input = cloneInput.safeParse(operation.input)
  if (!input.success || operation.attempt_token === null) return null
  const applicationName = `lifeboat/recover/${operation.attempt_token.slice(0, 8)}`
  const { connection } = await connectionFor({ ...context, applicationName }, input.data.serverDatabaseId ?? input.data.databaseId)
  const dropped = await dropCreated(await reachServer(connection), operation)
  if (dropped.length > 0) context.log('databases of a dead attempt were dropped', { operation: operation.id, dropped })
  const what = dropped.length > 0 ? 'What it had created was removed again' : 'It had created nothing yet'
  return {
    error: new LifeboatError('interrupted', 'The worker died during the clone.', `${what}; the source was only read. Start it again.`),
    result: { restore: { ...emptyResult(input.data), outcome: 'failed' } },
  }
}
