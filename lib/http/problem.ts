import { ZodError } from 'zod'
import { type ErrorCode, errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'

const noStore = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export function answerHeaders(requestId: string): Record<string, string> {
  return { ...noStore, 'x-request-id': requestId }
}

/** An RFC 9457 problem document. `detail` never carries a secret or a driver's own words. */
export function problem(error: LifeboatError, requestId: string, fields?: Record<string, string>): Response {
  const { status } = errorCodes[error.code]
  const body = {
    type: `urn:lifeboat:problem:${error.code}`,
    status,
    code: error.code,
    title: error.message,
    remedy: error.hint,
    requestId,
    ...(fields === undefined ? {} : { fields }),
    ...(Object.keys(error.detail).length === 0 ? {} : { detail: error.detail }),
  }
  const headers = { ...answerHeaders(requestId), 'content-type': 'application/problem+json' }
  return new Response(JSON.stringify(body), { status, headers })
}

/** Whatever a handler threw, as an answer. What we did not foresee is logged with the request's id and shown without its text. */
export function problemOf(error: unknown, requestId: string): Response {
  if (error instanceof LifeboatError) return problem(error, requestId)
  if (error instanceof ZodError) return invalid(error, requestId)
  if (isConnectionLoss(error)) {
    log.warn('the catalogue did not answer a request', { requestId, reason: error.message })
    const hint = 'Nothing was changed. Running operations go on; try again in a moment.'
    return problem(new LifeboatError('unavailable', 'The catalogue does not answer.', hint), requestId)
  }
  log.error('a request failed', { requestId, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  const hint = `Try again. If it stays so, look for ${requestId} in the log of the web process.`
  return problem(new LifeboatError('failed', 'Something went wrong inside Lifeboat.', hint), requestId)
}

export function invalid(error: ZodError, requestId: string): Response {
  const fields = Object.fromEntries(error.issues.map((issue) => [issue.path.join('.'), issue.message]))
  const first = error.issues[0]
  const where = first === undefined || first.path.length === 0 ? '' : `${first.path.join('.')}: `
  const title = `The request cannot be accepted. ${where}${first?.message ?? ''}`.trim()
  return problem(new LifeboatError('usage', title, 'Nothing was changed. Correct the named fields and send it again.'), requestId, fields)
}

const lossCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', '57P01', '57P02', '57P03', '08006', '08001', '53300'])

function isConnectionLoss(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  if ('code' in error && lossCodes.has(String(error.code))) return true
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss)
  // node-postgres gives these two no code
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(error.message)
}

export function statusOf(code: ErrorCode): number {
  return errorCodes[code].status
}
