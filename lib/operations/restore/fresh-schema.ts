import type { Finding } from '#lib/domain/plan.ts'
import { createDatabase, type DatabaseLike, dropDatabaseByOid } from '#lib/engine/postgres/database.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { dump } from '#lib/engine/postgres/dump.ts'
import { restoreSchema } from '#lib/engine/postgres/restore.ts'
import type { Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../run-context.ts'

/** The name of the database that a comparison makes and removes; the attempt makes it unique, and recognisable should the worker die. */
export function comparisonDatabase(attempt: string): string {
  return `lifeboat_compare_${attempt}`
}

/**
 * Loads the schema of a table of contents into an empty database beside the restored one, reads it back and drops it, by OID.
 * Throws where that database could not be made or filled; that it could not be dropped is a finding.
 */
export async function readFreshSchema(
  context: RunContext,
  options: {
    /** another database of the target's server */
    door: Connection
    toc: Buffer
    like: DatabaseLike
    pgRestore: string
    pgDump: string
    dropGrants: boolean
    noTablespaces?: boolean
    byStatements?: boolean
  },
): Promise<{ toc: Toc; findings: Finding[] }> {
  const name = comparisonDatabase(context.attempt)
  const oid = await createDatabase(options.door, name, options.like, context.signal)
  let dropped = true
  const connection = { ...options.door, dbname: name }
  const read = async (): Promise<Toc> => {
    const { stagingDir, signal } = context
    await restoreSchema(connection, {
      stagingDir,
      toolPath: options.pgRestore,
      toc: options.toc,
      signal,
      noOwner: options.dropGrants,
      noPrivileges: options.dropGrants,
      ...(options.noTablespaces ? { noTablespaces: true } : {}),
      ...(options.byStatements ? { byStatements: true } : {}),
    })
    const { toc } = await dump(connection, { stagingDir, toolPath: options.pgDump, jobs: 1, signal, schemaOnly: true, onEntry: async () => {} })
    return toc
  }
  const toc = await read().finally(async () => {
    // also after a cancel: this database is of no use to anybody
    dropped = await dropDatabaseByOid(options.door, oid).catch(() => false)
    if (!dropped) context.warn(`${name} could not be dropped.`)
  })
  return { toc, findings: dropped ? [] : [leftBehind(name, oid)] }
}

function leftBehind(name: string, oid: number): Finding {
  return {
    severity: 'warning',
    code: 'comparison_left',
    message: `The database ${name} (OID ${oid}), made for the comparison, could not be dropped.`,
    remedy: 'It holds the schema and no data. Drop it by hand.',
    overridable: false,
  }
}
