import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { LifeboatError } from '#lib/domain/errors.ts'

/** A file that an admin named: opened once, and read only through this handle, so that nobody puts another one in its place. */
export interface NamedFile {
  /** with every link followed */
  path: string
  bytes: number
  modifiedAt: Date
  /** at `position`, as many bytes as there are up to `length` */
  at(position: number, length: number): Promise<Buffer>
  from(position: number): AsyncGenerator<Buffer>
  close(): Promise<void>
}

const pieceBytes = 1 << 20

/** Throws `not_found`, and `refused` for what is no regular file, empty, or larger than `maximumBytes`. */
export async function openNamedFile(path: string, maximumBytes: number): Promise<NamedFile> {
  const { real, file } = await openRegular(path)
  const stat = await file.stat()
  const refuse = async (message: string) => {
    await file.close()
    throw new LifeboatError('refused', message, 'Nothing was read from it. Name a file that the older scripts made.')
  }
  if (!stat.isFile()) await refuse(`${path} is not a regular file.`)
  if (stat.size === 0) await refuse(`${path} is empty.`)
  if (stat.size > maximumBytes) await refuse(`${path} is larger than the ${Math.floor(maximumBytes / 1e9)} GB that an import takes.`)
  return {
    path: real,
    bytes: stat.size,
    modifiedAt: stat.mtime,
    async at(position, length) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
      return buffer.subarray(0, bytesRead)
    },
    async *from(position) {
      for (let at = position; ; ) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(pieceBytes), 0, pieceBytes, at)
        if (bytesRead === 0) break
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
      const now = await file.stat()
      if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs) {
        throw new LifeboatError('refused', `${path} was changed while it was read.`, 'Nothing was imported. Wait until it is written, then repeat.')
      }
    },
    close: () => file.close(),
  }
}

/** O_NONBLOCK: a named pipe must not keep us waiting for its writer. */
async function openRegular(path: string): Promise<{ real: string; file: FileHandle }> {
  try {
    const real = await realpath(path)
    return { real, file: await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new LifeboatError('not_found', `There is no file ${path}.`, 'Look at its name.', { cause: error })
    throw new LifeboatError('refused', `${path} cannot be read here (${code ?? 'unknown'}).`, 'Let the user that runs this read it.', {
      cause: error,
    })
  }
}
