import { type ErrorCode, LifeboatError } from '#lib/domain/errors.ts'

const untouched = 'Nothing was changed: the whole transaction was rolled back.'

/** Names the cause of a statement that failed, by its SQLSTATE; `detail.object` is the statement's first line. */
export function statementError(error: unknown, statement: string): LifeboatError {
  if (error instanceof LifeboatError) return error
  const message = error instanceof Error ? error.message : String(error)
  const sqlState = (error as { code?: unknown }).code
  const object = (statement.split('\n', 1)[0] ?? '').slice(0, 200)
  const make = (code: ErrorCode, text: string, hint: string) =>
    new LifeboatError(code, text, `${untouched} ${hint}`.trim(), { cause: error, detail: { object, sqlState, said: message } })

  if (typeof sqlState !== 'string' || /^(08|57P0)/.test(sqlState) || /^E[A-Z]+$/.test(sqlState)) {
    return new LifeboatError('unreachable', 'The connection to the target broke during the restore.', 'Check the server’s log.', {
      cause: error,
      detail: { object, sqlState },
    })
  }
  switch (sqlState) {
    case '53100':
      return make('disk_full', 'The target’s server has no space left.', 'Free space there: old and new tables stand side by side until the commit.')
    case '53200':
      return make(
        'failed',
        `The target’s server ran out of memory for locks: ${message}`,
        'Raise max_locks_per_transaction there, which takes a restart, or restore into a new database.',
      )
    case '55P03':
      return make(
        'lock_timeout',
        `Another session kept a lock for too long: ${message}`,
        `End what uses the database, then restore again. (${object})`,
      )
    case '40P01':
      return make('lock_timeout', 'Another session and the restore waited for each other’s locks.', 'End what uses the database, then restore again.')
    case '42501':
      return make('privileges', `${message} (${object})`, 'Restore as a role that may do that.')
    case '2BP01':
      return make('failed', `Something depends on what is replaced: ${message}`, 'Run the dry run again: it lists what does.')
    case '23503':
      return make(
        'failed',
        `Rows would refer to rows that are not there: ${message}`,
        'Rows that stay, or that the platform keeps, do not fit the backup’s.',
      )
    default:
      return make('failed', `${message} (${object})`, '')
  }
}
