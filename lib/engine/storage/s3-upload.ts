import { createHash, randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Call, callStore } from './s3-call.ts'
import type { ObjectVersion, Stored } from './driver.ts'
import { replyOf } from './s3-errors.ts'
import { type LockOnStore, lockHeaders } from './s3-lock.ts'
import { cutIntoParts, partBytes } from './s3-parts.ts'

export interface Bucket extends Call {
  client: S3Client
  bucket: string
  /** set on each object of a backup; null: none */
  lockOnStore: LockOnStore | null
}

/** Our own mark on an object: tells a reply that got lost (the object is ours) from an object that was there before. */
const markName = 'lifeboat-upload'

function crcOf(bytes: Buffer): string {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(crc32(bytes))
  return out.toString('base64')
}

/** CRC32 in the SDK's header where the store takes it, else Content-MD5, which every store knows. */
function digestOf(at: Bucket, bytes: Buffer): { ChecksumCRC32?: string; ContentMD5?: string } {
  return at.checksums ? { ChecksumCRC32: crcOf(bytes) } : { ContentMD5: createHash('md5').update(bytes).digest('base64') }
}

/** The store's own idea of what it got must be ours, where it tells. The ETag says nothing: it is an MD5 only sometimes. */
function compare(replied: string | undefined, sent: { ChecksumCRC32?: string }): void {
  if (replied !== undefined && sent.ChecksumCRC32 !== undefined && replied !== sent.ChecksumCRC32)
    throw Object.assign(new Error('the store replied with another checksum'), { name: 'XAmzContentChecksumMismatch' })
}

/** `null` in words is what a bucket whose versioning was suspended calls its one, replaceable version. */
export function versionOf(reply: { VersionId?: string }): ObjectVersion {
  return reply.VersionId === undefined || reply.VersionId === 'null' ? null : reply.VersionId
}

async function headOf(at: Bucket, key: string): Promise<{ bytes: number; mark: string | undefined; version: ObjectVersion } | null> {
  return callStore(at, `looking at ${key}`, async (abortSignal) => {
    try {
      const head = await at.client.send(new HeadObjectCommand({ Bucket: at.bucket, Key: key }), { abortSignal })
      return { bytes: head.ContentLength ?? -1, mark: head.Metadata?.[markName], version: versionOf(head) }
    } catch (error) {
      if (replyOf(error).status === 404) return null
      throw error
    }
  })
}

function exists(key: string): LifeboatError {
  return new LifeboatError('conflict', `An object named ${key} already exists.`, 'Lifeboat never overwrites a stored object.')
}

/** One request: for small objects and for streams that end within the first part. */
export async function putWhole(at: Bucket, key: string, bytes: Buffer, overwrite: boolean, locked = !overwrite): Promise<ObjectVersion> {
  const mark = randomBytes(16).toString('hex')
  const digest = digestOf(at, bytes)
  let contradicted = false
  const lock = lockHeaders(locked ? at.lockOnStore : null)
  const input = { Bucket: at.bucket, Key: key, Body: bytes, ContentLength: bytes.length, Metadata: { [markName]: mark }, ...digest, ...lock }
  try {
    return await callStore(
      at,
      `storing ${key}`,
      async (abortSignal) => {
        if (contradicted && !overwrite) await removeOurs(at, key, mark) // else the second try would take the damaged object for its own
        contradicted = false
        const reply = await at.client.send(new PutObjectCommand(overwrite ? input : { ...input, IfNoneMatch: '*' }), { abortSignal })
        contradicted = reply.ChecksumCRC32 !== undefined && digest.ChecksumCRC32 !== undefined && reply.ChecksumCRC32 !== digest.ChecksumCRC32
        compare(reply.ChecksumCRC32, digest)
        return versionOf(reply)
      },
      bytes.length,
    )
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.code !== 'conflict') {
      if (error instanceof LifeboatError && error.code === 'corrupt') await removeOurs(at, key, mark)
      throw error
    }
    // after a lost reply the object that stands in the way is our own
    const found = await headOf(at, key)
    if (found?.mark !== mark || found.bytes !== bytes.length) throw exists(key)
    return found.version
  }
}

/** An object whose checksum the store itself contradicts must not stay visible. Only ours is touched. */
async function removeOurs(at: Bucket, key: string, mark: string): Promise<void> {
  const found = await headOf(at, key)
  if (found?.mark === mark)
    await callStore(at, `deleting ${key}`, (abortSignal) => at.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key: key }), { abortSignal }))
}

/**
 * Stores a stream of unknown length. At most `partsInFlight` parts are in memory besides the one that fills.
 * On any error the upload is aborted, so that nothing visible and nothing paid for stays behind.
 */
export async function upload(
  at: Bucket,
  key: string,
  body: Readable,
  options: { sizeHint?: number; onBytes?: (bytes: number) => void; replace?: boolean | undefined },
): Promise<Stored> {
  const { replace = false } = options
  const sizeOf = (number: number) =>
    partBytes(number, { partLimit: at.limits.partLimit, first: at.limits.firstPartBytes, sizeHint: options.sizeHint })
  const parts = cutIntoParts(body as AsyncIterable<Buffer>, sizeOf)
  const first = await parts.next()
  if (first.done) throw new LifeboatError('failed', `Nothing to store as ${key}.`)
  if (first.value.last) {
    const version = await putWhole(at, key, first.value.bytes, replace, true)
    options.onBytes?.(first.value.bytes.length)
    return { bytes: first.value.bytes.length, version }
  }
  const mark = randomBytes(16).toString('hex')
  const created = await callStore(at, `beginning the upload of ${key}`, (abortSignal) =>
    at.client.send(
      new CreateMultipartUploadCommand({
        Bucket: at.bucket,
        Key: key,
        Metadata: { [markName]: mark },
        ...(at.checksums ? { ChecksumAlgorithm: 'CRC32' as const } : {}),
        ...lockHeaders(at.lockOnStore),
      }),
      { abortSignal },
    ),
  )
  const uploadId = created.UploadId
  if (!uploadId) throw new LifeboatError('storage_unreachable', `The storage began no upload for ${key}.`)
  try {
    const { completed, bytes } = await sendParts(at, key, uploadId, first.value, parts, options.onBytes)
    return { bytes, version: await complete(at, key, uploadId, completed, { mark, bytes, replace }) }
  } catch (error) {
    await abortUpload(at, key, uploadId)
    throw error
  }
}

type Part = { number: number; bytes: Buffer; last: boolean }

async function sendParts(at: Bucket, key: string, uploadId: string, first: Part, rest: AsyncGenerator<Part>, onBytes?: (bytes: number) => void) {
  const completed: CompletedPart[] = []
  const failed = new AbortController()
  const within: Bucket = { ...at, signal: AbortSignal.any([at.signal, failed.signal]) }
  const inFlight = new Set<Promise<void>>()
  let failure: unknown
  let bytes = 0
  const send = (part: Part): void => {
    const sending = sendPart(within, key, uploadId, part).then(
      (done) => {
        completed.push(done)
        onBytes?.(part.bytes.length)
      },
      (error: unknown) => {
        failure ??= error
        failed.abort()
      },
    )
    inFlight.add(sending)
    void sending.finally(() => inFlight.delete(sending))
  }
  try {
    for (let part: Part | undefined = first; part && !failure; ) {
      bytes += part.bytes.length
      send(part)
      while (inFlight.size >= at.limits.partsInFlight) await Promise.race(inFlight)
      if (failure) break
      // a part that fails while the source is slow must not wait for the source
      const next = await Promise.race([rest.next(), aborted(failed.signal)])
      part = next === null || next.done ? undefined : next.value
    }
  } catch (error) {
    failure ??= error
    failed.abort()
  }
  await Promise.all(inFlight)
  if (failure) throw failure
  return { completed: completed.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)), bytes }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

async function sendPart(at: Bucket, key: string, uploadId: string, part: Part): Promise<CompletedPart> {
  const digest = digestOf(at, part.bytes)
  const input = {
    Bucket: at.bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: part.number,
    Body: part.bytes,
    ContentLength: part.bytes.length,
    ...digest,
  }
  return callStore(
    at,
    `storing part ${part.number} of ${key}`,
    async (abortSignal) => {
      const reply = await at.client.send(new UploadPartCommand(input), { abortSignal })
      compare(reply.ChecksumCRC32, digest)
      if (!reply.ETag) throw new LifeboatError('storage_unreachable', `The storage did not confirm part ${part.number} of ${key}.`)
      return { PartNumber: part.number, ETag: reply.ETag, ...(reply.ChecksumCRC32 ? { ChecksumCRC32: reply.ChecksumCRC32 } : {}) }
    },
    part.bytes.length,
  )
}

/** The moment at which the object becomes visible. Stores that ignore If-None-Match here (radosgw) are asked by HEAD first. */
async function complete(
  at: Bucket,
  key: string,
  uploadId: string,
  parts: CompletedPart[],
  ours: { mark: string; bytes: number; replace: boolean },
): Promise<ObjectVersion> {
  if (!ours.replace && (await headOf(at, key))) throw exists(key)
  const input = { Bucket: at.bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts: parts }, ...(ours.replace ? {} : { IfNoneMatch: '*' }) }
  try {
    await callStore(at, `finishing the upload of ${key}`, async (abortSignal) => {
      await at.client.send(new CompleteMultipartUploadCommand(input), { abortSignal })
    })
  } catch (error) {
    // a lost reply, then "no such upload": the object may stand all the same
    if (at.signal.aborted || !(error instanceof LifeboatError) || !['missing', 'conflict', 'storage_unreachable'].includes(error.code)) throw error
    const found = await headOf(at, key)
    if (found === null)
      throw error.code === 'missing' ? new LifeboatError('failed', `The storage lost the upload of ${key}.`, '', { cause: error }) : error
    if (found.mark !== ours.mark) throw exists(key)
  }
  const found = await headOf(at, key)
  if (found === null || found.bytes !== ours.bytes)
    throw new LifeboatError(
      'failed',
      `The storage confirmed ${key}, but does not hold its ${ours.bytes} bytes.`,
      'The copy is not used. Look at the store.',
    )
  // our mark says that what is current is ours; another version would have another's
  return found.mark === ours.mark ? found.version : null
}

/** Best effort with a signal of its own, as the caller's may be aborted already; what stays is found by the sweep. */
async function abortUpload(at: Bucket, key: string, uploadId: string): Promise<void> {
  const own: Bucket = {
    ...at,
    signal: AbortSignal.timeout(Math.min(at.limits.stallMs, 20_000)),
    limits: { ...at.limits, attempts: Math.min(3, at.limits.attempts) },
  }
  try {
    await callStore(own, `aborting the upload of ${key}`, (abortSignal) =>
      at.client.send(new AbortMultipartUploadCommand({ Bucket: at.bucket, Key: key, UploadId: uploadId }), { abortSignal }),
    )
  } catch {
    // the error that led here is the one to report; `sweep` aborts what this could not (rotated credentials, network gone)
  }
}
