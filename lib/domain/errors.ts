/**
 * Every error that a person can meet, in one list: the CLI's exit code and the HTTP status follow from the code.
 * `message` says the fact, `hint` says what is safe and what to do.
 */
export const errorCodes = {
  failed: { exit: 1, status: 500 },
  indeterminate: { exit: 1, status: 500 },
  usage: { exit: 2, status: 400 },
  findings: { exit: 3, status: 422 },
  not_found: { exit: 4, status: 404 },
  refused: { exit: 5, status: 409 },
  blocked: { exit: 5, status: 409 },
  conflict: { exit: 5, status: 409 },
  forbidden: { exit: 5, status: 403 },
  unauthenticated: { exit: 5, status: 401 },
  /** signed in, but the password was typed too long ago for this act */
  confirm_password: { exit: 5, status: 428 },
  cross_origin: { exit: 5, status: 403 },
  too_many_requests: { exit: 75, status: 429 },
  unavailable: { exit: 75, status: 503 },
  interrupted: { exit: 75, status: 503 },
  cancelled: { exit: 130, status: 499 },
  // causes that the engine names
  unreachable: { exit: 1, status: 502 },
  access_denied: { exit: 1, status: 502 },
  tls: { exit: 1, status: 502 },
  transaction_pooler: { exit: 5, status: 409 },
  server_too_new: { exit: 5, status: 409 },
  tools_missing: { exit: 5, status: 409 },
  tools_outdated: { exit: 5, status: 409 },
  privileges: { exit: 1, status: 409 },
  row_security: { exit: 1, status: 409 },
  lock_timeout: { exit: 1, status: 409 },
  too_many_connections: { exit: 75, status: 503 },
  value_too_large: { exit: 1, status: 422 },
  disk_full: { exit: 1, status: 507 },
  stalled: { exit: 1, status: 504 },
  storage_absent: { exit: 1, status: 502 },
  storage_refused: { exit: 1, status: 502 },
  storage_unreachable: { exit: 1, status: 502 },
  clock_skew: { exit: 1, status: 502 },
  corrupt: { exit: 3, status: 422 },
  missing: { exit: 3, status: 422 },
  wrong_key: { exit: 5, status: 409 },
  key_missing: { exit: 5, status: 409 },
  tool_failed: { exit: 1, status: 500 },
  target_exists: { exit: 5, status: 409 },
  target_changed: { exit: 5, status: 409 },
} as const satisfies Record<string, { exit: number; status: number }>

export type ErrorCode = keyof typeof errorCodes

/** An error with a code from the list above. Never carries a secret: message and hint are shown and logged. */
export class LifeboatError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly detail: Record<string, unknown>

  constructor(code: ErrorCode, message: string, hint = '', options: { cause?: unknown; detail?: Record<string, unknown> } = {}) {
    super(message, { cause: options.cause })
    this.name = 'LifeboatError'
    this.code = code
    this.hint = hint
    this.detail = options.detail ?? {}
  }

  /** The shape that is stored in `operations.error` and printed by the CLI. */
  toJSON(): { code: ErrorCode; message: string; hint: string } {
    return { code: this.code, message: this.message, hint: this.hint }
  }
}

export function asLifeboatError(error: unknown): LifeboatError {
  if (error instanceof LifeboatError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new LifeboatError('failed', message, '', { cause: error })
}
