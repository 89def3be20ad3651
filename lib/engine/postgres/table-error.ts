import { type ErrorCode, LifeboatError } from '#lib/domain/errors.ts'
import { nameOf } from './live-table.ts'

/** Names what stopped the work on a live table. `state` says what became of it. Values of rows are in no text: the server's detail is left out. */
export function tableError(error: unknown, table: { schema: string; table: string }, state: string): LifeboatError {
  if (error instanceof LifeboatError) {
    const { code, message, hint, detail } = error
    return hint.includes(state) ? error : new LifeboatError(code, message, `${state} ${hint}`.trim(), { cause: error, detail })
  }
  const message = error instanceof Error ? error.message : String(error)
  const { code: sqlState, constraint } = error as { code?: unknown; constraint?: unknown }
  const make = (code: ErrorCode, text: string, hint: string) =>
    new LifeboatError(code, text, `${state} ${hint}`.trim(), { cause: error, detail: { object: nameOf(table), sqlState, constraint } })
  const name = nameOf(table)
  switch (sqlState) {
    case '42501':
      if (message.includes('row-level security'))
        return make('row_security', `Row security would hide rows of ${name} from this role.`, 'Use its owner, or a role with BYPASSRLS.')
      return make('privileges', `This role may not do that: ${message}.`, `Use the owner of ${name}.`)
    case '55P03':
      return make(
        'lock_timeout',
        `${name} could not be locked in time: other sessions use it, or a table that refers to it.`,
        'Try again, or end them.',
      )
    case '40P01':
      return make('lock_timeout', `The server ended a deadlock between another session and the work on ${name}.`, 'Try again.')
    case '53100':
      return make('disk_full', 'The server has no space left.', 'Free space there.')
    case '23503':
      return make(
        'blocked',
        `A foreign key does not hold with the backup’s rows: ${message}.`,
        'Bring back the other table as well, or only the rows that fit.',
      )
    case '23505':
      return make('blocked', `A unique key does not hold with the backup’s rows: ${message}.`, 'Bring the table back beside and choose by hand.')
    default:
      if (isBroken(sqlState, message))
        return make('unreachable', `The connection to the server broke in the work on ${name}.`, 'Check the server’s log.')
      return make('failed', `${name}: ${message}`, '')
  }
}

/** Of the server's shutdown, of the connection, of the socket, or node-pg's own, which has no code. */
function isBroken(sqlState: unknown, message: string): boolean {
  if (typeof sqlState === 'string') return /^(57|08|E[A-Z]+$)/.test(sqlState)
  return /^Connection terminated|^Client (was closed|has encountered a connection error)/.test(message)
}
