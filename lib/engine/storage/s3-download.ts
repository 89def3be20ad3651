import { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { LifeboatError } from '#lib/domain/errors.ts'
import { callStore, pause, stalled } from './s3-call.ts'
import { asS3Error, mayPass, replyOf } from './s3-errors.ts'
import type { ObjectVersion } from './driver.ts'
import { type Bucket, versionOf } from './s3-upload.ts'

interface Version {
  etag: string | undefined
  versionId: string | undefined
  /** of the whole object, in bytes */
  total: number
}

/** Opens `key` at `start`. The promise rejects when the object cannot be opened; later the stream resumes by itself where the connection ended. */
export async function download(
  at: Bucket,
  key: string,
  options: { start?: number; version?: string; onVersion?: (version: ObjectVersion) => void },
): Promise<Readable> {
  const { start = 0 } = options
  const pinned = options.version === undefined ? null : { etag: undefined, versionId: options.version, total: 0 }
  const first = await openAt(at, key, start, pinned).catch((error: unknown) => {
    throw pinned === null ? error : asNoVersion(error, key)
  })
  if (first === null) return Readable.from([])
  options.onVersion?.(versionOf(first))
  const version = { etag: first.ETag, versionId: first.VersionId, total: totalOf(first, start) }
  const stream = Readable.from(read(at, key, start, first, version), { objectMode: false })
  // an unread stream that is destroyed must not leave the connection open
  stream.once('close', () => bodyOf(first).destroy())
  return stream
}

/** Stores answer 404 for a version that is gone, and 400 for one that was never theirs: a bucket that was copied has other ids. */
function asNoVersion(error: unknown, key: string): unknown {
  if (!(error instanceof LifeboatError) || error.detail.status !== 400) return error
  return new LifeboatError('missing', `The storage does not have that version of ${key}.`, '', { cause: error })
}

function bodyOf(reply: GetObjectCommandOutput): Readable {
  if (reply.Body instanceof Readable) return reply.Body
  throw new LifeboatError('storage_unreachable', 'The storage sent no body.')
}

function totalOf(reply: GetObjectCommandOutput, start: number): number {
  const total = /\/(\d+)$/.exec(reply.ContentRange ?? '')?.[1]
  return total === undefined ? start + (reply.ContentLength ?? 0) : Number(total)
}

/** null: `start` lies at or behind the end. */
async function openAt(at: Bucket, key: string, position: number, version: Version | null): Promise<GetObjectCommandOutput | null> {
  const what = `reading ${key}`
  const input = {
    Bucket: at.bucket,
    Key: key,
    ...(position > 0 ? { Range: `bytes=${position}-` } : {}),
    ...(version?.etag ? { IfMatch: version.etag } : {}),
    ...(version?.versionId ? { VersionId: version.versionId } : {}),
  }
  try {
    const reply = await callStore(at, what, (abortSignal) => openWithin(at, input, abortSignal))
    if (position > 0 && !reply.ContentRange?.startsWith(`bytes ${position}-`)) {
      bodyOf(reply).destroy()
      throw new LifeboatError(
        'failed',
        `The storage did not send ${key} from byte ${position} on.`,
        'The store, or a proxy before it, ignores Range requests.',
      )
    }
    return reply
  } catch (error) {
    if (error instanceof LifeboatError && error.detail.status === 416) return null
    if (version && error instanceof LifeboatError && error.code === 'conflict')
      throw new LifeboatError(
        'corrupt',
        `${key} was replaced while it was being read.`,
        'Somebody else writes to this storage. Verify the backup again.',
        { cause: error },
      )
    throw error
  }
}

/** The try's signal covers the wait for the headers only: handed to the SDK it would also end a long body. */
async function openWithin(
  at: Bucket,
  input: ConstructorParameters<typeof GetObjectCommand>[0],
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await at.client.send(new GetObjectCommand(input), { abortSignal: controller.signal })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function* read(at: Bucket, key: string, start: number, first: GetObjectCommandOutput, version: Version): AsyncGenerator<Buffer> {
  const what = `reading ${key}`
  let position = start
  let reply: GetObjectCommandOutput | null = first
  for (let fruitless = 0; ; ) {
    const before = position
    let failure: unknown = null
    try {
      for await (const chunk of watched(bodyOf(reply), at, what)) {
        position += chunk.length
        if (position > version.total) throw new LifeboatError('corrupt', `The storage sent more of ${key} than it has.`)
        yield chunk
      }
    } catch (error) {
      if (error instanceof LifeboatError) throw error
      if (at.signal.aborted || !mayPass(error)) throw asS3Error(error, what, at)
      failure = error
    }
    if (position === version.total) return
    fruitless = position > before ? 0 : fruitless + 1
    if (fruitless >= at.limits.attempts) throw asS3Error(failure ?? new Error('the connection ended early'), what, at)
    await pause(at, fruitless).catch((error: unknown) => Promise.reject(asS3Error(error, what, at)))
    reply = await openAt(at, key, position, version)
    if (reply === null) throw new LifeboatError('corrupt', `${key} became shorter while it was being read.`)
  }
}

/** Passes chunks on, and throws `stalled` when the store was waited for `stallMs` and sent less than the slowest rate. A slow reader does not count. */
async function* watched(body: Readable, at: Bucket, what: string): AsyncGenerator<Buffer> {
  const { stallMs, slowestBytesPerSecond } = at.limits
  let waitedMs = 0
  let bytes = 0
  let gaveUp = false
  const onAbort = () => body.destroy(at.signal.reason instanceof Error ? at.signal.reason : new Error('aborted'))
  at.signal.addEventListener('abort', onAbort, { once: true })
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const timer = setTimeout(
        () => {
          gaveUp = true
          body.destroy()
        },
        Math.max(1, stallMs - waitedMs),
      )
      const startedAt = performance.now()
      let next: IteratorResult<Buffer>
      try {
        next = await chunks.next()
      } catch (error) {
        if (gaveUp || (replyOf(error).name === 'TimeoutError' && performance.now() - startedAt >= stallMs * 0.9)) throw stalled(what, stallMs)
        throw error
      } finally {
        clearTimeout(timer)
      }
      if (gaveUp) throw stalled(what, stallMs)
      if (next.done) return
      waitedMs += performance.now() - startedAt
      bytes += next.value.length
      if (bytes >= (stallMs / 1000) * slowestBytesPerSecond) {
        waitedMs = 0
        bytes = 0
      }
      yield next.value
    }
  } finally {
    at.signal.removeEventListener('abort', onAbort)
    body.destroy()
  }
}
