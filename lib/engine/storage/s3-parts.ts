import { LifeboatError } from '#lib/domain/errors.ts'

const mib = 1 << 20
/** S3's own limit is 5 GiB; a part is held in memory for its retries, so the limit here is lower. */
const largestPart = 1 << 30
/** The hint is of the whole database, most entries are small: however large it is, an entry begins with no more than this. */
const largestFirstPart = 64 * mib

/**
 * The size of part `number` (from 1), in bytes. A size hint that the smallest parts could not hold makes the first parts larger, so that they
 * reach to 1.25 times the hint; without one, or past it, parts double after each tenth of the part limit, so that `partLimit` parts
 * reach far beyond `partLimit * first`: more than 3 TiB for AWS, hundreds of GiB for a store with 1,000 parts.
 */
export function partBytes(number: number, options: { partLimit: number; first: number; sizeHint?: number }): number {
  const { partLimit, first, sizeHint = 0 } = options
  if (number > partLimit)
    throw new LifeboatError(
      'refused',
      `The object needs more than the ${partLimit} parts that this storage takes.`,
      'Raise the part size of this storage.',
    )
  const wanted = Math.ceil((sizeHint * 1.25) / partLimit / mib) * mib
  const start = Math.max(first, Math.min(wanted, largestFirstPart))
  const reachesHint = sizeHint > 0 && wanted <= start && (number - 1) * start < sizeHint
  if (reachesHint) return start
  const doublings = Math.floor((number - 1) / Math.max(1, Math.floor(partLimit / 10)))
  return Math.min(start * 2 ** doublings, largestPart)
}

/** Cuts a stream into parts of exactly `sizeOf(number)` bytes but the last. An empty stream gives one empty part. */
export async function* cutIntoParts(
  body: AsyncIterable<Buffer>,
  sizeOf: (number: number) => number,
): AsyncGenerator<{ number: number; bytes: Buffer; last: boolean }> {
  let number = 1
  let size = sizeOf(1)
  let chunks: Buffer[] = []
  let held = 0
  for await (let chunk of body) {
    // a full part goes out only when a byte follows it: so the last part is known as such
    while (held + chunk.length > size) {
      const head = chunk.subarray(0, size - held)
      chunk = chunk.subarray(head.length)
      yield { number, bytes: Buffer.concat([...chunks, head], size), last: false }
      number += 1
      size = sizeOf(number)
      chunks = []
      held = 0
    }
    if (chunk.length === 0) continue
    chunks.push(chunk)
    held += chunk.length
  }
  yield { number, bytes: Buffer.concat(chunks, held), last: true }
}
