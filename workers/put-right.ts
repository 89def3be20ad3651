import type { Kysely } from 'kysely'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'
import type { Recovered } from '#lib/operations/recover-context.ts'
import { mayHaveWritten, recoverAttempt } from '#lib/operations/recover.ts'
import { endLeftBackends, patienceMs } from './left-backends.ts'
import type { Machine } from './machine.ts'

/**
 * What the reaper does with a dead attempt: ends the server backends that it left at work, then puts right what it had begun. A server that
 * cannot be asked is asked again with every round; after two minutes the operation is let go, and says that nobody knows.
 */
export async function putRight(
  catalog: Kysely<Catalog>,
  machine: Pick<Machine, 'keys' | 'tools'>,
  operation: OperationRow,
): Promise<Recovered | null | 'later'> {
  if (!(await endLeftBackends(catalog, machine.keys, operation))) return 'later'
  try {
    return await recoverAttempt({ catalog, keys: machine.keys, tools: machine.tools, log: (message, data) => log.warn(message, data) }, operation)
  } catch (error) {
    const known = asLifeboatError(error)
    log.warn('what a dead attempt left could not be put right', { operation: operation.id, reason: known.message })
    if (!mayHaveWritten(operation)) return null
    const waited = Date.now() - (operation.lease_until?.getTime() ?? 0)
    return waited > patienceMs ? { error: unknown(operation, known), result: null } : 'later'
  }
}

function unknown(operation: OperationRow, cause: LifeboatError): LifeboatError {
  return new LifeboatError(
    'indeterminate',
    `The worker died, and what it left on the server could not be looked at: ${cause.message}`,
    `Look at the server before you go on; server sessions of this attempt carried lifeboat/${operation.id}. ${cause.hint}`.trim(),
    { cause },
  )
}
