/** Codes of Node's sockets, resolver and TLS, in words for people: a raw error text could name an address that is a secret. */
const problems: Record<string, string> = {
  ECONNREFUSED: 'The connection was refused: nothing listens there.',
  ECONNRESET: 'The other side closed the connection without an answer.',
  EPIPE: 'The other side closed the connection without an answer.',
  HPE_INVALID_CONSTANT: 'The other side does not speak HTTP.',
  ENOTFOUND: 'The name of the host could not be resolved.',
  EAI_AGAIN: 'The name of the host could not be resolved.',
  EDNS: 'The name of the host could not be resolved.',
  EHOSTUNREACH: 'There is no route to the host.',
  ENETUNREACH: 'There is no route to the host.',
  ETIMEDOUT: 'No answer came in time.',
  ABORT_ERR: 'No answer came in time.',
  EPROTO: 'The other side does not speak TLS on this port, or none that is spoken here.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The other side does not speak TLS on this port, or none that is spoken here.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The other side does not speak TLS on this port, or none that is spoken here.',
  CERT_HAS_EXPIRED: 'The certificate of the other side has ended.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the other side is signed by itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The certificate of the other side is signed by an authority that is not trusted here.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The certificate of the other side is signed by an authority that is not trusted here.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'The certificate of the other side is signed by an authority that is not trusted here.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the other side is for another name.',
}

/** Why a connection failed, as a sentence without anything that the other side said. */
export function connectionProblem(error: unknown): string {
  const codes = codesOf(error)
  for (const code of codes) {
    const known = problems[code]
    if (known !== undefined) return known
  }
  const code = codes.find((one) => /^[A-Z][A-Z0-9_]{2,60}$/.test(one))
  return code === undefined ? 'The connection failed.' : `The connection failed (${code}).`
}

/** Of the error, of what caused it, and of each attempt where several addresses were tried. */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 3) return []
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  const several = error instanceof AggregateError ? error.errors.flatMap((one) => codesOf(one, depth + 1)) : []
  return [...several, ...codesOf(error.cause, depth + 1), ...own]
}
