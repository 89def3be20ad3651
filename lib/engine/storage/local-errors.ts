import { LifeboatError } from '#lib/domain/errors.ts'

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return codes.includes(codeOf(error))
}

/** Turns what the file system said into one of the errors that StorageDriver promises. `what` begins a sentence: `storing x`. */
export function asLocalError(error: unknown, what: string, signal?: AbortSignal): LifeboatError {
  if (error instanceof LifeboatError) return error
  if (signal?.aborted) {
    if (signal.reason instanceof LifeboatError) return signal.reason
    return new LifeboatError('cancelled', `Cancelled while ${what}.`, '', { cause: error })
  }
  const code = codeOf(error)
  const fail = (kind: ConstructorParameters<typeof LifeboatError>[0], fact: string, hint: string) =>
    new LifeboatError(kind, `${fact} while ${what} (${code}).`, hint, { cause: error })
  if (['ENOSPC', 'EDQUOT'].includes(code))
    return fail('disk_full', 'The disk is full', 'The unfinished file was removed. Free space, or add another storage.')
  if (['EACCES', 'EPERM', 'EROFS'].includes(code))
    return fail('storage_refused', 'The file system refused', "Check the directory's owner and mode, and that the disk is not mounted read-only.")
  if (code === 'ENOENT') return new LifeboatError('missing', `No such object while ${what}.`, '', { cause: error })
  if (['ELOOP', 'ENOTDIR', 'EISDIR'].includes(code))
    return fail(
      'corrupt',
      'Something else lies where an object should be',
      'Symbolic links below a storage are never followed. Look at the directory.',
    )
  if (['EIO', 'ESTALE', 'ENOTCONN', 'ETIMEDOUT', 'ENXIO', 'ENODEV', 'EHOSTDOWN'].includes(code))
    return fail('storage_unreachable', 'The disk did not answer', 'Look at the disk or the network mount, then try again.')
  const message = error instanceof Error ? error.message : String(error)
  return new LifeboatError('failed', `Failed while ${what}: ${message}`, '', { cause: error })
}
