import type { Connection } from '#lib/engine/postgres/connection.ts'
import { openClient } from '#lib/engine/postgres/connection.ts'
import { createDatabase, type DatabaseLike, databaseOid } from '#lib/engine/postgres/database.ts'
import { renameDatabases } from '#lib/engine/postgres/rename-database.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { RunContext } from '../run-context.ts'
import { undoCreated } from './undo-created.ts'

/**
 * A database is created under this name and called by its own as soon as its OID is recorded: a worker that dies in between leaves one that
 * nobody else can have made.
 */
export function unnamedDatabase(attempt: string): string {
  return `lifeboat_new_${attempt}`
}

/**
 * Creates the empty database `name`; returns its OID, which `record` has persisted before the database got its name. `door` is a session's
 * way to another database of that server. Throws `target_exists`, `privileges`, and what `record` throws; then nothing is left.
 */
export async function makeDatabase(
  context: RunContext,
  options: { door: Connection; name: string; like: DatabaseLike; record: (oid: number) => Promise<void> },
): Promise<number> {
  const { door, name } = options
  if ((await databaseOid(door, name, context.signal)) !== null) {
    throw new LifeboatError('target_exists', `A database called “${name}” exists already.`, 'Nothing was touched. Choose another name.')
  }
  const unnamed = unnamedDatabase(context.attempt)
  const oid = await createDatabase(door, unnamed, options.like, context.signal)
  try {
    failPoint('database.created')
    await options.record(oid)
    failPoint('database.recorded')
    const client = await openClient(door, { writable: true, signal: context.signal, lockTimeoutMs: 30_000 })
    try {
      await renameDatabases(client, [{ oid, from: unnamed, to: name }])
    } finally {
      await client.end()
    }
    return oid
  } catch (error) {
    throw await undoCreated(context, { connection: door, oid, input: { targetDbname: name }, error })
  }
}
