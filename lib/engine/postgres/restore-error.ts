import { LifeboatError } from '#lib/domain/errors.ts'
import type { ToolResult } from '../process/run.ts'
import { firstError } from './dump-error.ts'

const backupSafe = 'The backup is untouched.'

/** Names the cause of a pg_restore that did not end with 0; `detail.object` is the first line of the statement that failed. `state`: what is safe, for the hint. */
export function restoreError(result: Pick<ToolResult, 'code' | 'killedBy' | 'stderrTail'>, state = backupSafe): LifeboatError {
  const said = result.stderrTail
  const object = /\nCommand was: ([^\n]{1,200})/.exec(said)?.[1] ?? null
  const make = (code: ConstructorParameters<typeof LifeboatError>[0], message: string, hint: string) =>
    new LifeboatError(code, message, `${state} ${hint}`.trim(), { detail: { object, said: said.slice(-2000) } })

  const role = /role "([^\n]*)" does not exist/.exec(said)?.[1]
  if (role !== undefined)
    return make(
      'tool_failed',
      `role "${role}" does not exist on the target.`,
      'Create it, or restore without the privileges of roles that are not there.',
    )
  const extension = /extension "([^\n]*)" is not available|could not open extension control file "[^\n]*\/([^/\n]+)\.control"/.exec(said)
  if (extension)
    return make('tool_failed', `The extension ${extension[1] ?? extension[2]} is not installed on the target’s server.`, 'Install its package there.')
  if (/unsupported version \(\d+\.\d+\) in file header/.test(said)) {
    return make('tools_outdated', 'The backup’s archive is newer than pg_restore.', 'Install the client tools of the major that took it.')
  }
  if (/No space left on device/.test(said)) return make('disk_full', 'The target’s server has no space left.', 'Free space there.')
  if (/permission denied|must be owner|must be superuser/.test(said))
    return make('privileges', firstError(said), 'Restore as a role that may do that.')
  if (/too many clients|remaining connection slots|too many connections/.test(said)) {
    return make('too_many_connections', 'The target has no free connection for pg_restore.', 'Lower the number of jobs or raise max_connections.')
  }
  if (/server closed the connection|terminating connection|connection to server|does not exist\n?$|no connection to the server/.test(said)) {
    return make('unreachable', 'The connection to the target broke during the restore.', 'Check that the target still exists, and the server’s log.')
  }
  if (result.killedBy) return make('tool_failed', `pg_restore was ended by ${result.killedBy}.`, 'Check the memory of the worker’s machine.')
  return make('tool_failed', `pg_restore failed: ${firstError(said)}`, '')
}

/** Names the table whose data failed to load, and why. */
export function copyError(error: unknown, entry: { schema: string | null; tag: string }, state = backupSafe): LifeboatError {
  if (error instanceof LifeboatError) return error
  const table = entry.schema === null ? entry.tag : `${entry.schema}.${entry.tag}`
  const message = error instanceof Error ? error.message : String(error)
  const sqlState = (error as { code?: unknown }).code
  const options = { cause: error, detail: { object: table, sqlState } }
  if (sqlState === '53100') return new LifeboatError('disk_full', 'The target’s server has no space left.', `${state} Free space there.`, options)
  if (sqlState === '42501')
    return new LifeboatError(
      'privileges',
      `The data of ${table} could not be loaded: ${message}`,
      `${state} Restore as a role that may do that.`,
      options,
    )
  if (typeof sqlState !== 'string' || sqlState.startsWith('57') || sqlState.startsWith('08') || /^E[A-Z]+$/.test(sqlState)) {
    return new LifeboatError(
      'unreachable',
      `The connection to the target broke while ${table} was loaded.`,
      `${state} Check that the target still exists, and the server’s log.`,
      options,
    )
  }
  return new LifeboatError('tool_failed', `The data of ${table} could not be loaded: ${message}`, state, options)
}
