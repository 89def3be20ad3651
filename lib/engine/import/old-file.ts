import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { LifeboatError } from '#lib/domain/errors.ts'
import { contentsInGzip, contentsOf } from './contents.ts'
import {
  type CipherKey,
  type Derivation,
  blockBytes,
  decryptHead,
  decryptStream,
  deriveKey,
  derivations,
  endFits,
  isSalted,
  saltHeaderBytes,
} from './openssl-enc.ts'
import { type NamedFile, openNamedFile } from './plain-file.ts'

/** A file of the older scripts, opened. */
export interface OldFile {
  path: string
  bytes: number
  modifiedAt: Date
  /** `sql`: text of pg_dump; `archive`: pg_dump -Fc */
  kind: 'sql' | 'archive'
  gzip: boolean
  /** how the key was derived, as openssl's options; null: not encrypted */
  cipher: string | null
  /** `.sql.gz.enc` and the like, after what was found inside */
  format: string
  /**
   * Everything inside, decrypted and decompressed; may be read more than once. Throws `corrupt` where the file is cut off, damaged or followed
   * by something else, and `refused` where it holds more than `maximumPlainBytes`.
   */
  plain(): AsyncGenerator<Buffer>
  /** of the file as it lies there */
  sha256(): Promise<string>
  close(): Promise<void>
}

export interface OpenOldFileOptions {
  /** null: no key is known */
  passphrase: Buffer | null
  maximumBytes?: number
  /** default: 200 times the file and 256 MiB; text of a dump compresses to a hundredth at the very best */
  maximumPlainBytes?: number
}

const headBytes = 8192

/** Throws `not_found`, `refused`, `key_missing`, `wrong_key`, `corrupt`. */
export async function openOldFile(path: string, options: OpenOldFileOptions): Promise<OldFile> {
  const file = await openNamedFile(path, options.maximumBytes ?? 2 ** 42)
  try {
    return await recognise(file, options)
  } catch (error) {
    await file.close()
    throw error
  }
}

async function recognise(file: NamedFile, options: OpenOldFileOptions): Promise<OldFile> {
  const head = await file.at(0, headBytes)
  const cipher = isSalted(head) ? await findKey(file, head, options.passphrase) : null
  const inside = cipher === null ? head : cipher.head
  const outer = contentsOf(inside)
  const kind = outer === 'gzip' ? contentsInGzip(inside) : outer
  if (kind !== 'sql' && kind !== 'archive') throw unknown(file, kind)
  const gzip = outer === 'gzip'
  const maximum = options.maximumPlainBytes ?? file.bytes * 200 + (256 << 20)
  return {
    path: file.path,
    bytes: file.bytes,
    modifiedAt: file.modifiedAt,
    kind,
    gzip,
    cipher: cipher?.how.name ?? null,
    format: `.${kind === 'sql' ? 'sql' : 'dump'}${gzip ? '.gz' : ''}${cipher === null ? '' : '.enc'}`,
    plain() {
      const stored = cipher === null ? file.from(0) : decryptStream(cipher.key, file.from(saltHeaderBytes))
      return capped(gzip ? gunzipped(stored) : stored, maximum)
    },
    async sha256() {
      const hash = createHash('sha256')
      for await (const piece of file.from(0)) hash.update(piece)
      return hash.digest('hex')
    },
    close: () => file.close(),
  }
}

/** The file has no checksum of its own: the right key is the one under which its beginning is something that we know. */
async function findKey(file: NamedFile, head: Buffer, passphrase: Buffer | null): Promise<{ key: CipherKey; how: Derivation; head: Buffer }> {
  if (passphrase === null) {
    throw new LifeboatError(
      'key_missing',
      `${file.path} is encrypted, and no key was given.`,
      'Set ENCRYPTION_KEY as in .env.backup, or name the file that holds it with --key-file. Nothing was imported.',
    )
  }
  if (file.bytes % blockBytes !== 0 || file.bytes < saltHeaderBytes + blockBytes) {
    throw new LifeboatError(
      'corrupt',
      'The encrypted file is cut off: it does not end with a whole block.',
      'Nothing was imported. Use another copy of the file.',
    )
  }
  const salt = head.subarray(8, saltHeaderBytes)
  const whole = file.bytes <= head.length
  const lastTwo = await file.at(file.bytes - 2 * blockBytes, 2 * blockBytes)
  let fitsAtEnd = false
  for (const how of derivations) {
    const key = await deriveKey(passphrase, salt, how)
    const plain = withoutPadding(decryptHead(key, head.subarray(saltHeaderBytes)), whole)
    if (contentsOf(plain) !== null) return { key, how, head: plain }
    // a file of one block has no block before its last but the header, which is no initial vector
    fitsAtEnd ||= file.bytes > saltHeaderBytes + blockBytes && endFits(key, lastTwo)
  }
  if (fitsAtEnd) {
    throw new LifeboatError(
      'corrupt',
      `${file.path} ends as a file of this key does, and does not begin as one: most likely its beginning is damaged.`,
      'Nothing was imported. Use another copy of the file; if none opens, try another key.',
    )
  }
  throw new LifeboatError(
    'wrong_key',
    `The key does not open ${file.path}, by none of openssl’s ways to derive one.`,
    'Nothing was imported. Use the ENCRYPTION_KEY that was set when the file was made.',
  )
}

function withoutPadding(plain: Buffer, whole: boolean): Buffer {
  const pad = plain.at(-1) ?? 0
  return whole && pad >= 1 && pad <= blockBytes ? plain.subarray(0, plain.length - pad) : plain
}

function unknown(file: NamedFile, found: ReturnType<typeof contentsOf>): LifeboatError {
  const what = {
    utf16: 'is text in UTF-16, as a PowerShell redirection writes it',
    tar: 'is an archive of pg_dump -Ft or another tar file',
    gzip: 'was compressed twice',
  }
  const words = found !== null && found in what ? what[found as keyof typeof what] : 'is neither text of pg_dump nor an archive of pg_dump -Fc'
  return new LifeboatError(
    'corrupt',
    `${file.path} ${words}.`,
    'Nothing was imported. The files .sql, .sql.gz, .sql.gz.enc and .dump of the older scripts can be.',
  )
}

async function* gunzipped(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 << 10 })
  let fed = 0
  async function* counted() {
    for await (const piece of source) {
      fed += piece.length
      yield piece
    }
  }
  const feeding = pipeline(counted, gunzip)
  // the loop below throws the same
  feeding.catch(() => {})
  try {
    for await (const piece of gunzip) yield piece as Buffer
    await feeding
  } catch (error) {
    throw gzipError(error)
  }
  // zeros behind the last member are skipped without an error
  if (gunzip.bytesWritten !== fed) throw damaged('something else follows the end of the compressed data')
}

function gzipError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'Z_BUF_ERROR') return damaged('it is cut off before the end of the compressed data')
  if (code === 'Z_DATA_ERROR') return damaged(`the compressed data does not hold (${(error as Error).message})`)
  return error
}

function damaged(why: string): LifeboatError {
  return new LifeboatError('corrupt', `The file is damaged: ${why}.`, 'Nothing was imported. Use another copy of the file.')
}

async function* capped(source: AsyncIterable<Buffer>, maximum: number): AsyncGenerator<Buffer> {
  let seen = 0
  for await (const piece of source) {
    seen += piece.length
    if (seen > maximum) {
      throw new LifeboatError(
        'refused',
        `The file holds more than ${Math.floor(maximum / 2 ** 20)} MiB: either a bomb, or more than this machine has room for.`,
        'Nothing was imported. Read it with other tools, or make room.',
      )
    }
    yield piece
  }
}
