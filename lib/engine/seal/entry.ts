import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type Duplex, type Readable, Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { AlgorithmSuiteIdentifier, buildEncrypt, CommitmentPolicy, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/client-node'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { ManifestEntry } from '#lib/domain/manifest.ts'
import { ByteReader } from './byte-reader.ts'
import { giveUp } from './give-up.ts'
import { headerBytes, readHeader, writeHeader } from './header.ts'
import { fingerprint } from './keys.ts'
import { frameBytes, openMessage } from './message.ts'
import type { MessageContext } from './message-header.ts'
import type { RawFacts } from './piece-thread.ts'
import { compressPieces, decompressPieces } from './pieces.ts'

/** The manifest's place in the encryption context; entries count from 1. */
export const manifestOrdinal = 0

/** What an entry's bytes came to; sizes in bytes, hashes lower-case hex. */
export interface SealedFacts {
  rawBytes: number
  storedBytes: number
  rawSha256: string
  storedSha256: string
  /** line feeds in the raw bytes: a table's rows follow from them */
  newlines: number
}

const { encryptStream } = buildEncrypt(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)

/**
 * Compresses and encrypts one entry while it is read; memory stays flat. `done` resolves when `stream` was read to its end,
 * and rejects with the source's error; `stream` is then destroyed with the same error, never ended.
 */
export function sealEntry(options: { backupKey: Buffer; backupId: string; ordinal: number; source: AsyncIterable<Buffer> }): {
  stream: Readable
  done: Promise<SealedFacts>
} {
  const { backupKey, backupId, ordinal, source } = options
  const keyring = new RawAesKeyringNode({
    keyNamespace: 'lifeboat',
    keyName: fingerprint(backupKey),
    // the SDK zeroes what it is given
    unencryptedMasterKey: new Uint8Array(backupKey),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })
  const encrypt = encryptStream(keyring, {
    suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
    frameLength: frameBytes,
    encryptionContext: contextOf(backupId, ordinal),
  })
  let raw: RawFacts = { bytes: 0, newlines: 0, sha256: '' }
  const stored = { bytes: 0, hash: createHash('sha256') }
  // the SDK gives a frame out in four parts of very different sizes; a storage takes it in one
  let parts: Buffer[] = []
  let gathered = 0
  const whole = (): Buffer => {
    const chunk = Buffer.concat(parts, gathered)
    for (const part of parts) giveUp(part)
    stored.bytes += chunk.length
    stored.hash.update(chunk)
    parts = []
    gathered = 0
    return chunk
  }
  const stream = new Transform({
    highWaterMark: frameBytes,
    transform(part: Buffer, _encoding, callback) {
      parts.push(part)
      gathered += part.length
      if (gathered < frameBytes) callback()
      else callback(null, whole())
    },
    flush(callback) {
      if (gathered > 0) callback(null, whole())
      else callback()
    },
  })
  stream.write(writeHeader(fingerprint(backupKey)))
  const pieces = compressPieces(source, (facts) => {
    raw = facts
  })
  feed(inFrames(pieces), encrypt, stream)
  const done = finished(stream).then(() => ({
    rawBytes: raw.bytes,
    storedBytes: stored.bytes,
    rawSha256: raw.sha256,
    storedSha256: stored.hash.digest('hex'),
    newlines: raw.newlines,
  }))
  // whoever reads the stream sees the error there too; a caller that awaits `done` later must find it unharmed
  done.catch(() => undefined)
  return { stream, done }
}

/**
 * The raw bytes of a stored entry. No byte is yielded before its frame was authenticated; with `expected` (the manifest's word)
 * size and both hashes are compared as well, the last of them before the iteration ends. A consumer that acts on the bytes
 * must therefore read to the end. Throws LifeboatError `corrupt`, or `wrong_key` where no `expected` vouches for the key.
 */
export async function* openEntry(options: {
  backupKey: Buffer
  backupId: string
  ordinal: number
  stored: AsyncIterable<Buffer>
  expected: ManifestEntry | null
}): AsyncGenerator<Buffer> {
  const { backupKey, backupId, ordinal, expected } = options
  const stored = { bytes: 0, hash: createHash('sha256') }
  const reader = new ByteReader(countStored(options.stored, stored, expected?.storedBytes ?? Number.POSITIVE_INFINITY))
  try {
    const sealedBy = readHeader(await reader.read(headerBytes))
    if (sealedBy !== fingerprint(backupKey)) {
      // the manifest that names this entry was opened with this key: the key is right, the object is not
      if (expected !== null) throw differs('belongs to another backup, or its first line is damaged')
      throw new LifeboatError(
        'wrong_key',
        `The entry was sealed by key ${sealedBy}, not by ${fingerprint(backupKey)}.`,
        'Use the key of this backup.',
      )
    }
    const plain = openMessage(reader, { wrappingKey: backupKey, context: contextOf(backupId, ordinal) })
    const raw = { bytes: 0, hash: createHash('sha256') }
    for await (const piece of decompressPieces(plain)) {
      raw.bytes += piece.length
      raw.hash.update(piece)
      if (expected && raw.bytes > expected.rawBytes) throw differs('is longer than the manifest says')
      yield piece
    }
    if (expected === null) return
    if (raw.bytes !== expected.rawBytes || stored.bytes !== expected.storedBytes) throw differs('has another size than the manifest says')
    if (raw.hash.digest('hex') !== expected.rawSha256 || stored.hash.digest('hex') !== expected.storedSha256) {
      throw differs('has another SHA-256 than the manifest says')
    }
  } finally {
    await reader.close()
  }
}

/**
 * Pieces through the SDK's stream into `out`. Whatever fails, the SDK's stream is ended and drained, never destroyed:
 * destroyed halfway it throws outside of any handler and takes the process with it (readable-stream's pipeline without a callback).
 */
function feed(pieces: AsyncIterable<Buffer>, encrypt: Duplex, out: Transform): void {
  let open = true
  const letGo = () => {
    open = false
    encrypt.unpipe(out)
    encrypt.resume()
  }
  out.once('close', letGo)
  encrypt.once('error', (error) => out.destroy(error))
  encrypt.pipe(out)
  const writing = async () => {
    for await (const piece of pieces) {
      if (!open) return
      // a frame is above the SDK's high-water mark, so the next one is fetched when this one was encrypted
      if (!encrypt.write(piece)) await once(encrypt, 'drain')
    }
  }
  writing()
    .catch((error: Error) => {
      letGo()
      out.destroy(error)
    })
    .finally(() => encrypt.end())
}

export function contextOf(backupId: string, ordinal: number): MessageContext {
  return { format: 'lifeboat/1', backupId, ordinal: String(ordinal) }
}

const idleFrames: Buffer[] = []

/**
 * Whole frames for the SDK, which takes a turn of the event loop for each part that it is given. A full frame holds until the next one is
 * asked for: the SDK has encrypted it when it drains. The last one it keeps until its end, so that one is a copy.
 */
async function* inFrames(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frame = idleFrames.pop() ?? Buffer.allocUnsafeSlow(frameBytes)
  let size = 0
  try {
    for await (const piece of pieces) {
      for (let from = 0; from < piece.length; ) {
        const taken = piece.copy(frame, size, from)
        from += taken
        size += taken
        if (size < frameBytes) break
        yield frame
        size = 0
      }
    }
    if (size > 0) yield Buffer.from(frame.subarray(0, size))
  } finally {
    if (idleFrames.length < 4) idleFrames.push(frame)
  }
}

async function* countStored(source: AsyncIterable<Buffer>, stored: { bytes: number; hash: ReturnType<typeof createHash> }, limit: number) {
  for await (const chunk of source) {
    stored.bytes += chunk.length
    if (stored.bytes > limit) throw differs('is longer on the storage than the manifest says')
    stored.hash.update(chunk)
    yield chunk
  }
}

function differs(how: string): LifeboatError {
  return new LifeboatError('corrupt', `The entry ${how}.`, 'Use another copy of this backup.')
}
