import { LifeboatError } from '#lib/domain/errors.ts'

interface StoreReply {
  name: string
  message: string
  status: number | null
}

/** What the store or the network said, without trusting the error's class: the SDK throws several kinds of object. */
export function replyOf(error: unknown): StoreReply {
  if (!(error instanceof Error)) return { name: '', message: String(error), status: null }
  const code = 'Code' in error && typeof error.Code === 'string' ? error.Code : 'code' in error && typeof error.code === 'string' ? error.code : ''
  const metadata = '$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null ? error.$metadata : {}
  const status = 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null
  const plain = error.name === 'Error' || error.name === 'Unknown' || error.name === 'UnknownError'
  return { name: plain && code !== '' ? code : error.name, message: error.message, status }
}

const skewed = new Set(['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'])
const full = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage', 'EntityTooLarge'])
const again = new Set(
  `SlowDown ServiceUnavailable InternalError RequestTimeout ThrottlingException Throttling TooManyRequests OperationAborted
   ConditionalRequestConflict BadDigest XAmzContentChecksumMismatch IncompleteBody TimeoutError SyntaxError
   ECONNRESET ECONNREFUSED EPIPE ETIMEDOUT EAI_AGAIN ENOTFOUND EHOSTUNREACH ENETUNREACH ERR_STREAM_PREMATURE_CLOSE`.split(/\s+/),
)

/** A fault that may be gone when the same request is sent again: 429, 5xx but 501, conflicts, damaged transfers, the network. */
export function mayPass(error: unknown): boolean {
  if (error instanceof LifeboatError) return error.code === 'storage_unreachable'
  const { name, status } = replyOf(error)
  if (skewed.has(name) || full.has(name)) return false
  if (status === 501 || status === 507) return false
  if (status !== null && (status >= 500 || status === 429 || status === 409)) return true
  // 200 with an <Error> or with a body that is cut off
  if (status === 200) return true
  return again.has(name) || (status === null && name !== 'AbortError' && name !== 'CredentialsProviderError')
}

function aboutChecksums(reply: StoreReply): boolean {
  return reply.name === 'NotImplemented' || reply.status === 501 || (reply.status === 400 && /checksum|aws-chunked|STREAMING/i.test(reply.message))
}

/** Turns what an S3 store said into one of the errors that StorageDriver promises. The store's text is never shown, only its code. */
export function asS3Error(error: unknown, what: string, context: { signal: AbortSignal; checksums: boolean }): LifeboatError {
  if (context.signal.aborted) {
    if (context.signal.reason instanceof LifeboatError) return context.signal.reason
    return new LifeboatError('cancelled', `Cancelled while ${what}.`, '', { cause: error })
  }
  if (error instanceof LifeboatError) return error
  const reply = replyOf(error)
  const said = /^[A-Za-z0-9_]{1,60}$/.test(reply.name) ? reply.name : String(reply.status ?? 'no answer')
  const fail = (code: ConstructorParameters<typeof LifeboatError>[0], fact: string, hint = '') =>
    new LifeboatError(code, `${fact} while ${what} (${said}).`, hint, { cause: error, detail: { status: reply.status, reply: said } })

  if (skewed.has(reply.name))
    return fail(
      'clock_skew',
      "The storage refused the request because this machine's clock is wrong",
      'The credentials are not the problem. Set the clock of the worker (NTP), then try again.',
    )
  if (reply.name === 'NoSuchBucket') return fail('storage_absent', 'The bucket does not exist', 'Check the bucket name, the endpoint and the region.')
  if (full.has(reply.name) || reply.status === 507)
    return fail('disk_full', 'The storage is full, or its quota is used up', 'Free space there, raise the quota, or add another storage.')
  if (aboutChecksums(reply) && context.checksums)
    return fail(
      'storage_refused',
      'The storage does not know the checksum headers that were sent',
      'Turn on "checksum headers only when required" for this storage. Lifeboat still checks its own SHA-256 of every byte.',
    )
  if (reply.name === 'PermanentRedirect' || reply.name === 'AuthorizationHeaderMalformed' || reply.status === 301)
    return fail('storage_refused', 'The storage says that the bucket is in another region', "Correct the storage's region or endpoint.")
  if (reply.status === 403 || reply.status === 401)
    return fail(
      'storage_refused',
      'The storage refused',
      'Check the access key, whether it was rotated, and that it may read, write, list and delete here.',
    )
  if (reply.status === 404 || reply.name === 'NotFound' || reply.name === 'NoSuchKey') return fail('missing', 'No such object')
  if (reply.status === 412) return fail('conflict', 'The object is not what it was, or already exists', 'Lifeboat never overwrites a stored object.')
  if (reply.name === 'BadDigest' || reply.name === 'XAmzContentChecksumMismatch')
    return fail(
      'corrupt',
      'Bytes were damaged on the way to the storage, again and again',
      'Look at the network and at any proxy between the worker and the storage.',
    )
  if (mayPass(error))
    return fail(
      'storage_unreachable',
      'The storage did not answer as it should, also when asked again',
      'Look at the endpoint and the network, then try again.',
    )
  return fail('storage_refused', 'The storage refused', 'The code in brackets is what the store answered.')
}
