import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { dropDatabaseByOid, terminateBackends } from '#lib/engine/postgres/database.ts'
import type { RunContext } from '../run-context.ts'
import { emptyResult } from './report.ts'

/**
 * Ends what is left of this attempt on the server and drops the database that it created, by OID.
 * Returns the error to throw, with the outcome in its detail: failed, or indeterminate where something could not be removed.
 */
export async function undoCreated(
  context: RunContext,
  options: { connection: Connection; oid: number; input: { targetDbname: string }; error: unknown },
): Promise<LifeboatError> {
  const known = asLifeboatError(options.error)
  const withOutcome = (outcome: RestoreOutcome) => ({ ...known.detail, restore: { ...emptyResult(options.input), outcome } })
  try {
    await terminateBackends(options.connection, context.applicationName)
    const name = options.input.targetDbname
    const dropped = await dropDatabaseByOid(options.connection, options.oid)
    if (dropped) context.log(`Dropped ${name}, which this attempt had created.`)
    const gone = dropped
      ? 'What this attempt had created was removed again'
      : `${name}, which this attempt had created, is not there any more: somebody dropped it`
    const hint = `${known.hint} ${gone}; nothing else on the server was touched.`.trim()
    return new LifeboatError(known.code, known.message, hint, { cause: options.error, detail: withOutcome('failed') })
  } catch (cause) {
    return new LifeboatError(
      'indeterminate',
      `${known.message} The database ${options.input.targetDbname} that this attempt created could not be removed.`,
      `Nothing else on the server was touched. Look at ${options.input.targetDbname} (OID ${options.oid}) and drop it by hand.`,
      { cause, detail: withOutcome('indeterminate') },
    )
  }
}
