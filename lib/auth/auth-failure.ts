import { APIError } from 'better-auth/api'
import { LifeboatError } from '#lib/domain/errors.ts'

/** better-auth hides the cause of its own failures behind a 500; in practice it is the catalogue that does not answer. */
export function unavailableOr(error: unknown): unknown {
  if (!(error instanceof APIError) || error.statusCode < 500) return error
  const hint = 'Nothing was changed. Running operations go on; try again in a moment.'
  return new LifeboatError('unavailable', 'The catalogue does not answer, so nobody can be signed in.', hint, { cause: error })
}
