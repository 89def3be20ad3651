import { LifeboatError } from '#lib/domain/errors.ts'
import type { ToolResult } from '../process/run.ts'
import { type Connection, inReadTransaction, openClient } from './connection.ts'

const kept = 'The backup was not written; earlier ones are untouched.'

/** Names the cause of a pg_dump that did not end with 0. Reads pg_dump's own words (LC_ALL=C); the server's may be in its language. */
export function dumpError(result: Pick<ToolResult, 'code' | 'killedBy' | 'stderrTail'>): LifeboatError {
  const said = result.stderrTail
  const make = (code: ConstructorParameters<typeof LifeboatError>[0], message: string, hint: string, detail: Record<string, unknown> = {}) =>
    new LifeboatError(code, message, `${kept} ${hint}`.trim(), { detail: { ...detail, said: excerpt(said) } })

  if (/No space left on device|Disk quota exceeded|could not write to file/.test(said)) {
    return make('disk_full', 'The staging directory is full.', 'Free space there or set LIFEBOAT_STAGING to a larger disk.')
  }
  if (/row-level security|row security/.test(said)) {
    const table = /table "([^\n]*?)"(?:\n|$)/.exec(said)?.[1]
    return make('row_security', `Row security would hide rows${table ? ` of “${table}”` : ''}.`, 'Give the backup role BYPASSRLS.', { table })
  }
  const locked = /LOCK TABLE ([\s\S]*?) IN ACCESS SHARE MODE/.exec(said)?.[1] ?? /could not obtain lock on relation "([\s\S]*?)"/.exec(said)?.[1]
  const denied = /permission denied for (\w+(?: \w+)?) ([^\n]+)/.exec(said)
  if (denied) {
    return make(
      'privileges',
      `The backup role may not read ${denied[1]} ${denied[2]}.`,
      'Grant it pg_read_all_data, or SELECT on what it may not read.',
      {
        object: denied[2],
      },
    )
  }
  if (locked !== undefined) {
    return make(
      'lock_timeout',
      `The lock of ${locked} could not be had in time.`,
      'Another session holds it exclusively; try again when it is done.',
      {
        table: locked,
      },
    )
  }
  if (/too many clients|remaining connection slots|too many connections|no more connections allowed/.test(said)) {
    return make('too_many_connections', 'The server has no free connection for pg_dump.', 'Lower the number of jobs or raise max_connections.')
  }
  if (/aborting because of server version mismatch/.test(said)) {
    return make('server_too_new', 'The server is newer than pg_dump.', 'Install the client tools of the server’s major version.')
  }
  // before the lost connections: after an error of the server, parallel pg_dump also says that its worker died
  const broke = /Error message from server: [^\n:]+: +([^\n]+)/.exec(said)?.[1]
  if (broke !== undefined && !/terminating connection/.test(said)) {
    const table = tableInHand(said)
    if (isTooLarge(said)) {
      return make(
        'value_too_large',
        `A row of ${table ?? 'a table'} comes to more than 1 GiB as text, which PostgreSQL cannot hand out: pg_dump cannot back it up.`,
        'Each byte of a bytea value takes two characters there. Find the row by octet_length() of its columns, then keep its value as a large object or in several rows; one of printable characters also fits after ALTER DATABASE … SET bytea_output = escape.',
        { table },
      )
    }
    return make('tool_failed', `The server could not read ${table ? `table ${table}` : 'the data'}: ${broke}.`, 'Check the server’s log.', { table })
  }
  if (
    /server closed the connection|connection to server|terminating connection|SSL connection has been closed|could not connect|parallel worker|worker process died/.test(
      said,
    )
  ) {
    return make('unreachable', 'The connection to the server broke during the dump.', 'Check the server’s log; try again.')
  }
  if (result.killedBy) return make('tool_failed', `pg_dump was ended by ${result.killedBy}.`, 'Check the memory of the worker’s machine.')
  return make('tool_failed', `pg_dump failed with exit code ${result.code}: ${firstError(said)}`, '')
}

/** `public.t`, as pg_dump's COPY names it; only its own name where there is no such command. */
function tableInHand(said: string): string | undefined {
  const name = String.raw`(?:"(?:[^"]|"")+"|[^\s."(]+)`
  const copied = new RegExp(String.raw`Command was: COPY (${name}\.${name})`).exec(said)?.[1]
  return copied ?? /Dumping the contents of table "([\s\S]*?)" failed/.exec(said)?.[1]
}

/**
 * A value, or a row, that would be over 1 GiB as text: for one value the server refuses the memory, for a row its string buffer.
 * A size far beyond what any row can come to is the sign of a damaged one instead.
 */
function isTooLarge(said: string): boolean {
  const asked = /invalid memory alloc request size (\d+)/.exec(said)?.[1]
  if (asked !== undefined) return Number(asked) < 2 ** 33
  return /[Cc]annot enlarge string buffer/.test(said)
}

/** After a lock timeout: asks the server which table is held, as pg_dump locks many in one statement. Best effort; the error stays what it is. */
export async function namedLockHolder(error: LifeboatError, conn: Connection): Promise<LifeboatError> {
  if (error.code !== 'lock_timeout') return error
  const held = await heldTables(conn).catch(() => [])
  if (held.length === 0) return error
  return new LifeboatError('lock_timeout', `Another session holds ${held.join(', ')} exclusively, and did not give it back in time.`, error.hint, {
    cause: error,
    detail: { ...error.detail, tables: held },
  })
}

async function heldTables(conn: Connection): Promise<string[]> {
  const client = await openClient(conn, { retryForMs: 0 })
  try {
    const { rows } = await inReadTransaction(client, () =>
      client.query<{ name: string }>(
        `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
         FROM pg_catalog.pg_locks l
         JOIN pg_catalog.pg_class c ON c.oid = l.relation
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p', 'm')
           AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
         ORDER BY 1 LIMIT 5`,
      ),
    )
    return rows.map((row) => row.name)
  } finally {
    await client.end()
  }
}

/** The first `error:` line without the tool's name; at most 300 characters. */
export function firstError(said: string): string {
  const line = said.split('\n').find((one) => /(error|fatal): /i.test(one)) ?? said.split('\n').findLast((one) => one.trim() !== '') ?? ''
  return line.replace(/^[a-z_]+: (error|fatal): /, '').slice(0, 300)
}

function excerpt(said: string): string {
  return said.slice(-2000)
}
