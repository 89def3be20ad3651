import { LifeboatError } from '#lib/domain/errors.ts'

/** For hints of errors on the target: what is safe. */
export const sourceSafe = 'The source was only read.'

/** Names what broke while the source was read. */
export function sourceError(error: unknown, what: string): LifeboatError {
  if (error instanceof LifeboatError) return error
  const message = error instanceof Error ? error.message : String(error)
  const sqlState = (error as { code?: unknown }).code
  const options = { cause: error, detail: { object: what, sqlState, side: 'source' } }
  if (sqlState === '42501') {
    return new LifeboatError('privileges', `${what} could not be read from the source: ${message}`, 'Read as a role that may do that.', options)
  }
  if (sqlState === '55P03' || sqlState === '40P01') {
    return new LifeboatError(
      'lock_timeout',
      `Another session keeps a lock on ${what} in the source.`,
      'Try again when it has ended. The source was only read.',
      options,
    )
  }
  if (sqlState === '40001') {
    return new LifeboatError(
      'failed',
      `The standby ended the reading of ${what}, as it had to replay changes of the primary.`,
      'Clone from the primary, or raise max_standby_streaming_delay on the standby.',
      options,
    )
  }
  if (typeof sqlState !== 'string' || sqlState.startsWith('57') || sqlState.startsWith('08') || /^E[A-Z]+$/.test(sqlState)) {
    return new LifeboatError(
      'unreachable',
      `The connection to the source broke while ${what} was read.`,
      'Check the source’s server and its log, then try again.',
      options,
    )
  }
  return new LifeboatError('failed', `${what} could not be read from the source: ${message}`, '', options)
}
