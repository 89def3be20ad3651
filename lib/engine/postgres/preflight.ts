import { statfs } from 'node:fs/promises'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { type Connection, inReadTransaction, openClient } from './connection.ts'
import { asConnectionError } from './connection-error.ts'
import { isTransactionPooler } from './pooler.ts'
import { type ServerFacts, readServerFacts, readSettings } from './server-facts.ts'
import { type LargeObjectFacts, type ReadableTable, type TableFacts, readLargeObjectFacts, readNeeds, readTables } from './table-facts.ts'
import { type ToolReport, chooseTool, floorOf, packageFor } from './tools.ts'

export type { ServerFacts } from './server-facts.ts'
export type { TableFacts } from './table-facts.ts'

export interface PreflightOptions {
  tools: ToolReport[]
  /** null: no staging check (a connection test from a machine that takes no backups) */
  stagingDir: string | null
  signal?: AbortSignal
  forKind: 'backup' | 'check' | 'restore'
  jobs?: number
  retryForMs?: number
}
export interface Preflight {
  /** null: the server could not be reached; findings say why */
  server: ServerFacts | null
  findings: Finding[]
  tables: TableFacts[]
  needs: Manifest['needs']
  settings: Manifest['settings'] | null
}

const noNeeds: Manifest['needs'] = { extensions: [], roles: [], tablespaces: [], databaseBytes: 0, largeObjects: 0 }

/**
 * What stands in the way of a dump, as findings with remedies. Writes nothing and takes no lock on a user's table.
 * Never throws for what a person can mend; throws the signal's reason when aborted.
 */
export async function preflight(conn: Connection, options: PreflightOptions): Promise<Preflight> {
  let client: Client
  try {
    client = await openClient(conn, { signal: options.signal, retryForMs: options.retryForMs })
  } catch (error) {
    options.signal?.throwIfAborted()
    return { server: null, findings: [asFinding(asConnectionError(error, conn))], tables: [], needs: noNeeds, settings: null }
  }
  try {
    return await look(client, conn, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    return { server: null, findings: [asFinding(queryError(error, conn))], tables: [], needs: noNeeds, settings: null }
  } finally {
    await client.end().catch(() => {})
  }
}

async function look(client: Client, conn: Connection, options: PreflightOptions): Promise<Preflight> {
  // the settings first, in a transaction of its own: they must be those of the session as the server gives it
  const isPooler = await isTransactionPooler(client, conn, options.signal)
  return await inReadTransaction(client, async () => {
    const server = { ...(await readServerFacts(client)), isPooler }
    const settings = await readSettings(client, server)
    const needs = await readNeeds(client, server.databaseBytes)
    const { tables, deniedSequences } = await readTables(client)
    const objects = await readLargeObjectFacts(client)
    const findings = serverFindings(server, options)
    if (options.forKind === 'backup') {
      findings.push(...privilegeFindings(tables, deniedSequences, objects.denied, conn.username), ...connectionFindings(server, options.jobs ?? 2))
      if (options.stagingDir !== null) findings.push(...(await stagingFindings(options.stagingDir, objects)))
    }
    return { server, findings, tables: tables.filter((one) => one.readable && !isRoot(one)).map(plain), needs, settings }
  })
}

/** What stands in the way whatever is to be dumped: a pooler in between, and tools that do not fit. */
export function serverFindings(server: ServerFacts, options: Pick<PreflightOptions, 'tools' | 'forKind'>): Finding[] {
  return [...poolerFindings(server.isPooler), ...toolFindings(server, options)]
}

function isRoot(table: ReadableTable): boolean {
  return table.partitioned
}

function plain({ schema, table, oid, estimatedRows, bytes }: ReadableTable): TableFacts {
  return { schema, table, oid, estimatedRows, bytes }
}

function poolerFindings(isPooler: boolean): Finding[] {
  if (!isPooler) return []
  return [
    blocker(
      'transaction_pooler',
      'This address is a transaction pooler: a dump cannot keep its snapshot on it.',
      'Use the direct connection or the session pooler (Supabase: port 5432 instead of 6543).',
    ),
  ]
}

function toolFindings(server: ServerFacts, options: Pick<PreflightOptions, 'tools' | 'forKind'>): Finding[] {
  const major = Math.floor(server.versionNum / 10_000)
  const name = options.forKind === 'restore' ? 'pg_restore' : 'pg_dump'
  try {
    const tool = chooseTool(options.tools, name, major)
    if (tool.ok) return []
    return [
      {
        severity: options.forKind === 'restore' ? 'blocker' : 'warning',
        code: 'tools_outdated',
        message: `${tool.tool} ${tool.version} has known holes; ${floorOf(tool.major) ?? 'a supported major'} is the oldest that should be used.`,
        remedy: `Upgrade ${packageFor(tool.major)} on the worker’s machine.`,
        overridable: false,
      },
    ]
  } catch (error) {
    if (error instanceof LifeboatError) return [asFinding(error)]
    throw error
  }
}

function privilegeFindings(tables: readonly ReadableTable[], sequences: readonly string[], objects: number, role: string): Finding[] {
  const found: Finding[] = []
  const denied = [...tables.filter((one) => !one.readable).map((one) => `${one.schema}.${one.table}`), ...sequences]
  if (denied.length > 0) {
    found.push(
      blocker(
        'privileges',
        `${role} may not read ${listed(denied)}.`,
        `GRANT pg_read_all_data TO that role, or SELECT on what it may not read. Nothing is left out silently.`,
      ),
    )
  }
  if (objects > 0) {
    found.push(
      blocker(
        'privileges',
        `${role} may not read ${objects} large objects.`,
        'GRANT SELECT ON LARGE OBJECT for each, or use their owner as the backup role.',
      ),
    )
  }
  const hidden = tables.filter((one) => one.readable && one.rowsHidden).map((one) => `${one.schema}.${one.table}`)
  if (hidden.length > 0) {
    found.push(
      blocker(
        'row_security',
        `Row security would hide rows of ${listed(hidden)} from ${role}.`,
        'ALTER ROLE … BYPASSRLS for the backup role. A dump with row security on would leave rows out without an error.',
      ),
    )
  }
  return found
}

function connectionFindings(server: ServerFacts, jobs: number): Finding[] {
  // pg_dump's leader and its workers
  if (server.isSuperuser || server.connectionsFree >= jobs + 1) return []
  return [
    {
      severity: 'warning',
      code: 'too_many_connections',
      message: `The server has ${server.connectionsFree} free connections, and the dump needs ${jobs + 1}.`,
      remedy: 'Raise max_connections, or run the backup at a quieter time.',
      overridable: true,
    },
  ]
}

/**
 * Tables are consumed while they are written and need little; all large objects lie in staging at once, each as a file:
 * 100,000 of 16 bytes take 400 MB in blocks of 4 KiB.
 */
async function stagingFindings(stagingDir: string, objects: LargeObjectFacts): Promise<Finding[]> {
  const { bavail, bsize, files, ffree } = await statfs(stagingDir)
  const free = bavail * bsize
  const needed = Math.ceil(objects.bytes * 1.1) + (objects.count * bsize) / 2 + (256 << 20)
  const remedy = 'Free space there or set LIFEBOAT_STAGING to a larger disk.'
  if (free < needed) {
    const message = `Staging has ${mebibytes(free)} MiB free, and this backup needs about ${mebibytes(needed)} MiB.`
    return [{ severity: 'blocker', code: 'disk_full', message, remedy, overridable: true }]
  }
  // some file systems make inodes as they need them, and count none
  if (files > 0 && ffree < objects.count + 1000) {
    const message = `Staging has room for ${ffree} more files, and this backup needs one for each of its ${objects.count} large objects.`
    return [{ severity: 'blocker', code: 'disk_full', message, remedy, overridable: true }]
  }
  return []
}

function queryError(error: unknown, conn: Connection): LifeboatError {
  const code = (error as { code?: unknown }).code
  if (code === '55P03')
    return new LifeboatError('lock_timeout', 'The server’s own catalogue is locked by another session.', 'Try again when it is done.', {
      cause: error,
    })
  if (code === '57014')
    return new LifeboatError('stalled', 'The server did not answer a catalogue query within a minute.', 'Check the server’s load, then try again.', {
      cause: error,
    })
  if (code === '42501')
    return new LifeboatError(
      'privileges',
      `${conn.username} may not read the server’s catalogue.`,
      'Use a role with pg_monitor, or the database’s owner.',
      { cause: error },
    )
  return asConnectionError(error, conn)
}

export function asFinding(error: LifeboatError): Finding {
  return blocker(error.code, error.message, error.hint)
}

function blocker(code: string, message: string, remedy: string): Finding {
  return { severity: 'blocker', code, message, remedy, overridable: false }
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20))
}
