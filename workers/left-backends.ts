import type { Kysely } from 'kysely'
import { z } from 'zod'
import { getBackup } from '#lib/catalog/backups.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { terminateBackends } from '#lib/engine/postgres/database.ts'
import type { DerivedKeys } from '#lib/engine/seal/keys.ts'
import { log } from '#lib/log.ts'
import { connectionFor } from '#lib/operations/run/connection-for.ts'
import { applicationName } from './runner.ts'

/** A server that cannot be asked keeps a target locked for this long after the lease ran out, not for ever. */
export const patienceMs = 120_000

/**
 * Ends the server backends that a dead attempt left behind: they outlive their client for as long as a statement runs, and a
 * restore's would go on writing. true: none is left, the target's lock may go.
 */
export async function endLeftBackends(catalog: Kysely<Catalog>, keys: DerivedKeys | null, operation: OperationRow): Promise<boolean> {
  const databaseId = await serverOf(catalog, operation)
  if (databaseId === null || operation.attempt_token === null) return true
  const name = applicationName(operation.id, operation.attempt_token)
  try {
    const { connection } = await connectionFor({ catalog, keys, applicationName: name }, databaseId)
    const ended = await terminateBackends(connection, name, 5_000)
    if (ended > 0) log.warn('server processes of a dead attempt were ended', { operation: operation.id, count: ended })
    return true
  } catch (error) {
    const waited = Date.now() - (operation.lease_until?.getTime() ?? 0)
    log.warn('a dead attempt could not be cleared from its server', { operation: operation.id, reason: asLifeboatError(error).message })
    return waited > patienceMs
  }
}

const restoreTarget = z.object({ serverDatabaseId: z.uuid().nullable(), backupId: z.uuid() })

/** The registered database on whose server the attempt worked; null: it worked on none. */
async function serverOf(catalog: Kysely<Catalog>, operation: OperationRow): Promise<string | null> {
  if (operation.kind === 'backup') return operation.database_id
  if (operation.kind !== 'restore') return null
  const input = restoreTarget.safeParse(operation.input)
  if (!input.success) return null
  return input.data.serverDatabaseId ?? (await getBackup(catalog, input.data.backupId))?.database_id ?? null
}
