import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import { openEntry, sealEntry } from './entry.ts'

/** Its place in the encryption context: no entry and no manifest can stand in for it, and it for none of them. */
export const holdOrdinal = 1_000_000_000
export const holdObjectName = 'hold'
export const holdObjectMaximumBytes = 256 << 10

const noted = z.object({
  id: z.uuid(),
  /** `legal`, `manual`; any other text holds too */
  kind: z.string().max(200),
  reason: z.string().max(4000),
  placedAt: z.iso.datetime(),
  placedName: z.string().max(400),
})
const document = z.object({
  format: z.literal('lifeboat-holds/1'),
  /** the legal hold that the storage itself knows was set by us, and is ours to take away */
  storageHold: z.boolean(),
  holds: z.array(noted),
})
export type NotedHold = z.output<typeof noted>
export type HoldObject = Omit<z.output<typeof document>, 'format'>

/** The stored bytes of the object `hold`: an entry like the others, whose raw bytes are JSON. */
export async function sealHoldObject(object: HoldObject, options: { backupKey: Buffer; backupId: string }): Promise<Buffer> {
  const raw = Buffer.from(JSON.stringify(document.parse({ format: 'lifeboat-holds/1', ...object })))
  const { stream, done } = sealEntry({ ...options, ordinal: holdOrdinal, source: once(raw) })
  const stored = await buffer(stream)
  await done
  return stored
}

/** Throws `corrupt` (damaged, not ours, a form that this version does not know) and `wrong_key`. To whoever reads it, both mean: held. */
export async function openHoldObject(bytes: Buffer, options: { backupKey: Buffer; backupId: string }): Promise<HoldObject> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of openEntry({ ...options, ordinal: holdOrdinal, stored: once(bytes), expected: null })) {
    size += part.length
    if (size > holdObjectMaximumBytes) throw new LifeboatError('corrupt', 'The hold object is larger than one can be.')
    parts.push(part)
  }
  try {
    const { storageHold, holds } = document.parse(JSON.parse(Buffer.concat(parts, size).toString('utf8')))
    return { storageHold, holds }
  } catch (error) {
    throw new LifeboatError('corrupt', 'The hold object has a form that this version does not know.', 'It holds.', { cause: error })
  }
}

/** The id of the hold that an object stands for which nobody can read: the same object gives the same one, on every storage. */
export function unreadableHoldId(backupId: string, bytes: Buffer | null): string {
  const hex = createHash('sha256')
    .update(`lifeboat/1 unreadable hold|${backupId}|`)
    .update(bytes ?? 'too large')
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
