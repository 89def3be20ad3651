import type { Readable } from 'node:stream'

/** One object as a storage lists it. */
export interface StoredObject {
  key: string
  bytes: number
  modifiedAt: Date
}

export interface Capacity {
  /** null where the storage cannot say (S3) */
  totalBytes: number | null
  freeBytes: number | null
}

/** An upload of ours that is under way or broke off: parts in a bucket, a temporary file in a directory. */
export interface UnfinishedUpload {
  /** the key that it was to become */
  key: string
  /** for `abort`, and for nobody else */
  id: string
  /** null where the storage does not say (S3) */
  bytes: number | null
  /** when it began, or (in a directory) when it was last written to, by the storage's clock */
  at: Date
}

/**
 * Which of an object's versions a call read or made, on a storage that keeps older ones when an object is overwritten or deleted
 * (an S3 bucket with versioning); null where there are none.
 */
export type ObjectVersion = string | null

export interface Stored {
  bytes: number
  version: ObjectVersion
}

export type Removal = 'deleted' | 'hidden' | 'retained'

/** What forbids deleting an object. `until` null: no date, as of a legal hold alone. */
export interface ObjectLock {
  mode: 'GOVERNANCE' | 'COMPLIANCE' | null
  until: Date | null
  legalHold: boolean
}

/** What a bucket says of itself; null and `unknown` where it does not. */
export interface BucketSettings {
  versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
  objectLock: boolean | null
  defaultMode: 'GOVERNANCE' | 'COMPLIANCE' | null
  defaultDays: number | null
}

export interface ReadOptions {
  signal: AbortSignal
  /** exactly this version, whatever is current; `missing` where the storage does not have it. Absent: the current one */
  version?: string
  /** told as soon as the object is opened */
  onVersion?: (version: ObjectVersion) => void
}

/**
 * A place that keeps objects. Keys match `isSafeKey` and are relative to the storage's root or prefix.
 * Errors are LifeboatError: `missing` (no such object), `storage_absent` (no marker), `storage_refused` (denied),
 * `storage_unreachable` (network, after retries), `clock_skew`, `disk_full`, `stalled`, `cancelled`.
 */
export interface StorageDriver {
  readonly kind: 'local' | 's3'
  /**
   * Writes a new object that becomes visible whole or not at all, and is durable when this resolves.
   * Refuses to overwrite (`conflict`), except with `replace`: then what was there stays until the new one is whole. `sizeHint` is in bytes and sets the first part size. On error nothing stays behind.
   */
  put(
    key: string,
    body: Readable,
    options: { signal: AbortSignal; sizeHint?: number; onBytes?: (bytes: number) => void; replace?: boolean },
  ): Promise<Stored>
  /** Replaces or creates a small object (RECOVERY.md, rescue script). At most 1 MiB. */
  putSmall(key: string, body: Buffer, options: { signal: AbortSignal; overwrite: boolean }): Promise<Stored>
  /** Reads from `start` (default 0). Resumes by itself when the connection breaks early, under the same version of the object. */
  get(key: string, options: ReadOptions & { start?: number }): Promise<Readable>
  getSmall(key: string, options: ReadOptions & { maxBytes: number }): Promise<Buffer>
  head(key: string, options: { signal: AbortSignal }): Promise<StoredObject | null>
  /** Every object below a prefix, in key order. `onForeign` is told what is left out, because no key of ours looks like it. */
  list(prefix: string, options: { signal: AbortSignal; onForeign?: (name: string, bytes: number) => void }): AsyncIterable<StoredObject>
  /** Idempotent: a missing object is success. `hidden`: it is gone from view, and its bytes stay as an older version. `retained`: a lock forbids it. */
  remove(key: string, options: { signal: AbortSignal }): Promise<Removal>
  /** The same for an object of a backup that is to be gone for good: with every older version where the storage keeps them and lets us. */
  purge(key: string, options: { signal: AbortSignal }): Promise<Removal>
  /** What forbids deleting it; null: nothing does, or it is not there. */
  lock(key: string, options: { signal: AbortSignal }): Promise<ObjectLock | null>
  /** A legal hold of the storage's own; false: it knows none. */
  holdObject(key: string, on: boolean, options: { signal: AbortSignal }): Promise<boolean>
  /** null: it is no bucket */
  settings(options: { signal: AbortSignal }): Promise<BucketSettings | null>
  /** Aborts our own unfinished uploads and temporary files below `prefix` that are older than `olderThan`. Returns how many. */
  sweep(prefix: string, olderThan: Date, options: { signal: AbortSignal }): Promise<number>
  /** Our own unfinished uploads and temporary files below `prefix`, young and old. */
  unfinished(prefix: string, options: { signal: AbortSignal }): AsyncIterable<UnfinishedUpload>
  /** Takes one of them away. Idempotent. */
  abort(upload: UnfinishedUpload, options: { signal: AbortSignal }): Promise<void>
  capacity(options: { signal: AbortSignal }): Promise<Capacity>
  close(): Promise<void>
}
