import { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from './driver.ts'

/** The one object at a storage's root by which we know that it is the storage that we mean, and that it is mounted. */
export const markerKey = 'lifeboat-storage.json'
export const markerMaxBytes = 4096

const marker = z.object({ format: z.literal('lifeboat-storage/1'), id: z.uuid() })

export function markerId(bytes: Buffer): string {
  try {
    return marker.parse(JSON.parse(bytes.toString('utf8'))).id
  } catch (cause) {
    throw new LifeboatError(
      'storage_absent',
      `The storage's marker (${markerKey}) cannot be read.`,
      'Look at the file; Lifeboat writes nothing there until it is whole.',
      {
        cause,
      },
    )
  }
}

export function absent(where: string, cause?: unknown): LifeboatError {
  return new LifeboatError(
    'storage_absent',
    `${where} holds no marker (${markerKey}).`,
    'The disk may not be mounted, or the bucket or prefix is another one. Nothing was written.',
    { cause },
  )
}

export function otherStorage(where: string, found: string, expected: string): LifeboatError {
  return new LifeboatError(
    'storage_absent',
    `${where} is another storage (${found} instead of ${expected}).`,
    'Mount the right disk, or correct the path, bucket or prefix.',
  )
}

/** The id in the storage's marker, or null where there is none. Open the driver with `storageId: null` for this. */
export async function readMarker(driver: StorageDriver, signal: AbortSignal = new AbortController().signal): Promise<string | null> {
  try {
    return markerId(await driver.getSmall(markerKey, { signal, maxBytes: markerMaxBytes }))
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'missing') return null
    throw error
  }
}

/** Claims an empty place as storage `id`. Idempotent; `conflict` when the place already is another storage. */
export async function writeMarker(driver: StorageDriver, id: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
  const found = await readMarker(driver, signal)
  if (found === id) return
  if (found !== null)
    throw new LifeboatError(
      'conflict',
      `This place already is a storage (${found}).`,
      'Nothing was written. Use another directory, bucket or prefix, or add it under its own id.',
    )
  const body = Buffer.from(`${JSON.stringify({ format: 'lifeboat-storage/1', id, createdAt: new Date().toISOString() }, null, 2)}\n`)
  await driver.putSmall(markerKey, body, { signal, overwrite: false })
}

/** Throws `storage_absent` unless the storage's marker says `id`. */
export async function checkMarker(driver: StorageDriver, id: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
  const found = await readMarker(driver, signal)
  if (found === null) throw absent('The storage')
  if (found !== id) throw otherStorage('The storage', found, id)
}
