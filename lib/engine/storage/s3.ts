import { addAbortSignal } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertLiteralAllowed, checkedLookup } from '#lib/egress/checked-lookup.ts'
import { isSafeKey } from '#lib/domain/names.ts'
import type { StorageDriver, StoredObject, UnfinishedUpload } from './driver.ts'
import { absent, markerId, markerKey, markerMaxBytes, otherStorage } from './marker.ts'
import { callStore, defaultLimits, type S3Limits } from './s3-call.ts'
import { download } from './s3-download.ts'
import { asS3Error, replyOf } from './s3-errors.ts'
import { bucketSettings, isLocked, type LockOnStore, lockOf, removeEveryVersion, setLegalHold } from './s3-lock.ts'
import { type Bucket, putWhole, upload } from './s3-upload.ts'
import { readAtMost, smallMaxBytes } from './small.ts'

/** As in `storages.config`; lib/catalog/schema.ts. */
export interface S3Config {
  bucket: string
  endpoint?: string
  region: string
  prefix: string
  pathStyle: boolean
  checksumWhenRequired: boolean
}

export interface S3Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

interface Options {
  config: S3Config
  /** null: the machine's own (environment, instance role) */
  credentials: S3Credentials | null
  /** for deleting alone, where whoever stores may not delete; absent: the same */
  deleteCredentials?: S3Credentials | null
  /** null: no marker is asked for (adding a storage, working without a catalogue) */
  storageId: string | null
  /** set on every object of a backup that is stored; null: none */
  lockOnStore?: LockOnStore | null
  limits?: Partial<S3Limits>
}

/** In a bucket without a prefix other programs' uploads may be open too: there only keys like a backup's are ours. */
const backupKey = /(^|\/)backup_[a-z]+_\d{8}_\d{6}_[0-9a-f]{8}\/[^/]+$/

/** A bucket, or a prefix of one, as a storage. The marker is read once, before the first other call. */
export function openS3Storage(options: Options): StorageDriver {
  const { config, storageId } = options
  const limits = { ...defaultLimits, ...options.limits }
  if (config.endpoint !== undefined) assertLiteralAllowed(new URL(config.endpoint).hostname)
  const clientOf = (credentials: S3Credentials | null): S3Client =>
    new S3Client({
      region: config.region,
      endpoint: config.endpoint,
      forcePathStyle: config.pathStyle,
      credentials: credentials ?? undefined,
      maxAttempts: 1, // retries are ours: per request, bounded, counted
      requestChecksumCalculation: config.checksumWhenRequired ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED',
      responseChecksumValidation: 'WHEN_REQUIRED', // every byte is authenticated after it was read
      requestHandler: {
        connectionTimeout: Math.min(10_000, limits.stallMs),
        socketTimeout: limits.stallMs,
        httpAgent: { lookup: checkedLookup },
        httpsAgent: { lookup: checkedLookup },
      },
    })
  const client = clientOf(options.credentials)
  const deleting = options.deleteCredentials ? clientOf(options.deleteCredentials) : client
  const trimmed = config.prefix.replaceAll(/^\/+|\/+$/g, '')
  const root = trimmed === '' ? '' : `${trimmed}/`
  const at = (signal: AbortSignal): Bucket => ({
    client,
    bucket: config.bucket,
    limits,
    signal,
    checksums: !config.checksumWhenRequired,
    lockOnStore: options.lockOnStore ?? null,
  })
  /** as whoever may delete */
  const toDelete = (signal: AbortSignal): Bucket => ({ ...at(signal), client: deleting })
  let lockKnown: boolean | null = null
  const where = `s3://${config.bucket}/${root}`

  let marked: Promise<void> | null = null
  /** Once per driver; a failure is not remembered. */
  function present(signal: AbortSignal): Promise<void> {
    if (storageId === null) return Promise.resolve()
    marked ??= readOwnMarker(signal, storageId).catch((error: unknown) => {
      marked = null
      throw error
    })
    return marked
  }
  async function readOwnMarker(signal: AbortSignal, id: string): Promise<void> {
    let found: string
    try {
      found = markerId(await readAtMost(await download(at(signal), root + markerKey, {}), markerMaxBytes, markerKey))
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'missing') throw absent(where, error)
      throw error
    }
    if (found !== id) throw otherStorage(where, found, id)
  }
  async function full(key: string, signal: AbortSignal): Promise<string> {
    if (!isSafeKey(key)) throw new LifeboatError('refused', `Not a key of ours: ${JSON.stringify(key)}`)
    if (key !== markerKey) await present(signal)
    return root + key
  }
  async function below(prefix: string, signal: AbortSignal): Promise<string> {
    const clean = prefix.replace(/\/+$/, '')
    if (clean === '') {
      await present(signal)
      return root
    }
    return `${await full(clean, signal)}/`
  }

  return {
    kind: 's3',
    async put(key, body, { signal, sizeHint, onBytes, replace }) {
      addAbortSignal(signal, body)
      try {
        return await upload(at(signal), await full(key, signal), body, { sizeHint, onBytes, replace })
      } catch (error) {
        // the source's own failure (a tool that died, a key that is gone) stays what it is
        if (error instanceof LifeboatError && !signal.aborted) throw error
        if (!signal.aborted && body.errored && error === body.errored) throw error
        throw asS3Error(error, `storing ${key}`, at(signal))
      } finally {
        body.destroy()
      }
    },
    async putSmall(key, body, { signal, overwrite }) {
      if (body.length > smallMaxBytes) throw new LifeboatError('refused', `${key} is too large for a small object.`)
      return { bytes: body.length, version: await putWhole(at(signal), await full(key, signal), body, overwrite) }
    },
    async get(key, { signal, ...options }) {
      return download(at(signal), await full(key, signal), options)
    },
    async getSmall(key, { maxBytes, ...options }) {
      return readAtMost(await this.get(key, options), maxBytes, key)
    },
    async head(key, { signal }) {
      const Key = await full(key, signal)
      return callStore(at(signal), `looking at ${key}`, async (abortSignal) => {
        try {
          const found = await client.send(new HeadObjectCommand({ Bucket: config.bucket, Key }), { abortSignal })
          return { key, bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified ?? new Date(0) }
        } catch (error) {
          if (replyOf(error).status === 404) return null
          throw error
        }
      })
    },
    async *list(prefix, { signal, onForeign }) {
      const Prefix = await below(prefix, signal)
      let ContinuationToken: string | undefined
      do {
        const page = await callStore(at(signal), `listing ${prefix}`, (abortSignal) =>
          client.send(new ListObjectsV2Command({ Bucket: config.bucket, Prefix, ContinuationToken }), { abortSignal }),
        )
        for (const found of page.Contents ?? []) {
          const key = found.Key?.slice(root.length) ?? ''
          if (!isSafeKey(key)) onForeign?.(key, found.Size ?? 0)
          else yield { key, bytes: found.Size ?? 0, modifiedAt: found.LastModified ?? new Date(0) } satisfies StoredObject
        }
        ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
      } while (ContinuationToken)
    },
    /** One by one: bulk deletion needs Content-MD5 or checksums that some stores refuse, and hides which object failed. */
    async remove(key, { signal }) {
      const Key = await full(key, signal)
      try {
        const reply = await callStore(toDelete(signal), `deleting ${key}`, (abortSignal) =>
          deleting.send(new DeleteObjectCommand({ Bucket: config.bucket, Key }), { abortSignal }),
        )
        return reply.DeleteMarker === true ? 'hidden' : 'deleted'
      } catch (error) {
        if (!(error instanceof LifeboatError)) throw error
        if (error.code === 'missing') return 'deleted'
        if (error.code === 'storage_refused' && (await isLocked(at(signal), Key, error))) return 'retained'
        throw error
      }
    },
    async purge(key, { signal }) {
      return removeEveryVersion(at(signal), toDelete(signal), await full(key, signal), () => this.remove(key, { signal }))
    },
    async lock(key, { signal }) {
      return lockOf(at(signal), await full(key, signal))
    },
    async holdObject(key, on, { signal }) {
      // a bucket's lock is a matter of its making: asked once
      lockKnown ??= (await bucketSettings(at(signal))).objectLock
      if (lockKnown !== true) return false
      await setLegalHold(at(signal), await full(key, signal), on)
      return true
    },
    async settings({ signal }) {
      await present(signal)
      return bucketSettings(at(signal))
    },
    async sweep(prefix, olderThan, { signal }) {
      let swept = 0
      for await (const upload of this.unfinished(prefix, { signal })) {
        if (upload.at >= olderThan) continue
        await this.abort(upload, { signal })
        swept += 1
      }
      return swept
    },
    async *unfinished(prefix, { signal }) {
      const Prefix = await below(prefix, signal)
      let KeyMarker: string | undefined
      let UploadIdMarker: string | undefined
      for (;;) {
        const page = await callStore(at(signal), `listing unfinished uploads below ${prefix}`, (abortSignal) =>
          client.send(new ListMultipartUploadsCommand({ Bucket: config.bucket, Prefix, KeyMarker, UploadIdMarker }), { abortSignal }),
        )
        for (const open of page.Uploads ?? []) {
          // stores have been seen to ignore Prefix here: what is not below ours is never touched
          if (!open.Key?.startsWith(Prefix) || !open.UploadId || !open.Initiated) continue
          if (Prefix === '' && !backupKey.test(open.Key)) continue
          const key = open.Key.slice(root.length)
          if (isSafeKey(key)) yield { key, id: open.UploadId, bytes: null, at: open.Initiated } satisfies UnfinishedUpload
        }
        if (!page.IsTruncated || !page.NextKeyMarker) return
        KeyMarker = page.NextKeyMarker
        UploadIdMarker = page.NextUploadIdMarker
      }
    },
    async abort({ key, id }, { signal }) {
      const Key = await full(key, signal)
      try {
        await callStore(at(signal), `aborting the upload of ${key}`, (abortSignal) =>
          client.send(new AbortMultipartUploadCommand({ Bucket: config.bucket, Key, UploadId: id }), { abortSignal }),
        )
      } catch (error) {
        if (!(error instanceof LifeboatError && error.code === 'missing')) throw error
      }
    },
    async capacity({ signal }) {
      await present(signal)
      return { totalBytes: null, freeBytes: null }
    },
    async close() {
      client.destroy()
      if (deleting !== client) deleting.destroy()
    },
  }
}
