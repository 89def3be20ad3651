import type { Readable } from 'node:stream'
import { LifeboatError } from '#lib/domain/errors.ts'

/** The most that `putSmall` takes, in bytes. */
export const smallMaxBytes = 1 << 20

/** The whole stream, or `corrupt` as soon as it is longer than `maxBytes`: what a storage holds is hostile input. */
export async function readAtMost(stream: Readable, maxBytes: number, key: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new LifeboatError('corrupt', `${key} is larger than ${maxBytes} bytes, which cannot be right.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
