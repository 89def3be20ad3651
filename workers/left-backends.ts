import type { Kysely } from 'kysely'
import { z } from 'zod'
import { getBackup } from '#lib/catalog/backups.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { terminateBackends } from '#lib/engine/postgres/database.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { log } from '#lib/log.ts'
import { mayHaveWritten } from '#lib/operations/recover.ts'
import { connectionFor } from '#lib/operations/run/connection-for.ts'
import { applicationName } from './runner.ts'

/** A server that cannot be asked keeps a target locked for this long after the lease ran out, not for ever. */
export const patienceMs = 120_000

/**
 * Ends the server backends that a dead attempt left behind: they outlive their client for as long as a statement runs, and a
 * restore's would go on writing. true: none is left, the target's lock may go.
 */
export async function endLeftBackends(catalog: Kysely<Catalog>, keys: KeyRing | null, operation: OperationRow): Promise<boolean> {
  if (operation.attempt_token === null) return true
  const name = applicationName(operation.id, operation.attempt_token)
  try {
    for (const databaseId of await serversOf(catalog, operation)) {
      const { connection } = await connectionFor({ catalog, keys, applicationName: name }, databaseId)
      // the database itself may be closed: a swap closes it
      const ended = await terminateBackends(await reachServer(connection), name, 5_000)
      if (ended > 0) log.warn('server processes of a dead attempt were ended', { operation: operation.id, count: ended })
    }
    return true
  } catch (error) {
    const waited = Date.now() - (operation.lease_until?.getTime() ?? 0)
    log.warn('a dead attempt could not be cleared from its server', { operation: operation.id, reason: asLifeboatError(error).message })
    return waited > patienceMs
  }
}

const restoreTarget = z.object({ serverDatabaseId: z.uuid().nullable(), backupId: z.uuid() })
const elsewhere = z.object({ serverDatabaseId: z.uuid() })

/** The registered databases on whose servers the attempt worked; none: it worked on none. */
async function serversOf(catalog: Kysely<Catalog>, operation: OperationRow): Promise<string[]> {
  const ids = new Set<string>()
  if (operation.kind === 'restore') {
    const input = restoreTarget.safeParse(operation.input)
    const id = input.success ? (input.data.serverDatabaseId ?? (await getBackup(catalog, input.data.backupId))?.database_id) : undefined
    if (id !== undefined) ids.add(id)
  } else if (mayHoldSessions(operation)) {
    if (operation.database_id !== null) ids.add(operation.database_id)
    const input = elsewhere.safeParse(operation.input)
    if (input.success) ids.add(input.data.serverDatabaseId)
  }
  return [...ids]
}

function mayHoldSessions(operation: OperationRow): boolean {
  return operation.kind === 'backup' || mayHaveWritten(operation)
}
