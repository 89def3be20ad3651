import { z } from 'zod'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { databaseOid, dropDatabaseByOid } from '#lib/engine/postgres/database.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { connectionFor } from '../run/connection-for.ts'
import type { RecoverContext, Recovered } from '../recover-context.ts'
import type { FullRestore } from './definition.ts'
import { comparisonDatabase } from './fresh-schema.ts'
import { unnamedDatabase } from './make-database.ts'
import { emptyResult } from './report.ts'

const persisted = z.object({ restore: z.object({ createdOid: z.number() }) })

/** Drops what a dead attempt had created beside everything else: by the OID that it recorded, and what only it can have called so. */
export async function recoverNew(context: RecoverContext, operation: OperationRow, input: FullRestore): Promise<Recovered | null> {
  const databaseId = input.serverDatabaseId ?? input.sourceDatabaseId
  if (databaseId === null || operation.attempt_token === null) return null
  const applicationName = `lifeboat/recover/${operation.attempt_token.slice(0, 8)}`
  const { connection } = await connectionFor({ ...context, applicationName }, databaseId)
  const door = await reachServer(connection)
  const dropped = await dropCreated(door, operation)
  if (dropped.length > 0) context.log('databases of a dead attempt were dropped', { operation: operation.id, dropped })
  return {
    error: new LifeboatError(
      'interrupted',
      'The worker died during the restore.',
      `${dropped.length > 0 ? 'What it had created was removed again' : 'It had created nothing yet'}; nothing else on the server was touched. Start it again.`,
    ),
    result: { restore: { ...emptyResult(input), outcome: 'failed' } },
  }
}

/** Returns the names of what was dropped. Nothing that this attempt did not create is ever touched. */
export async function dropCreated(door: Connection, operation: OperationRow): Promise<string[]> {
  const attempt = operation.attempt_token?.slice(0, 8) ?? ''
  const dropped: string[] = []
  for (const name of [unnamedDatabase(attempt), comparisonDatabase(attempt)]) {
    const oid = await databaseOid(door, name)
    if (oid !== null && (await dropDatabaseByOid(door, oid))) dropped.push(name)
  }
  const created = persisted.safeParse(operation.result)
  if (created.success && (await dropDatabaseByOid(door, created.data.restore.createdOid))) dropped.push(`OID ${created.data.restore.createdOid}`)
  return dropped
}
