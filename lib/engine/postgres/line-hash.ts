import { type Hash, createHash } from 'node:crypto'

const modulus = 1n << 256n
/** `\.` alone ends the data */
const endOfData = Buffer.from('\\.')

/**
 * Order-independent hash of COPY text: the sum of the SHA-256 of each line, modulo 2^256. Rows never hold a raw newline, so a line is a row.
 * Sums of several files add up (addLineSums): a partitioned table is compared over all its leaves, whichever leaf a row landed in.
 */
export class LineHash {
  #sum = 0n
  /** of the line that is not at its end yet: a value of 500 MB is a line of 1 GB, and is never held */
  #begun: { hash: Hash; length: number; head: Buffer } | null = null
  #ended = false

  update(piece: Buffer): void {
    let start = 0
    for (let end = piece.indexOf(10); end !== -1 && !this.#ended; end = piece.indexOf(10, start)) {
      this.#line(piece.subarray(start, end))
      start = end + 1
    }
    if (start < piece.length && !this.#ended) this.#begin(piece.subarray(start))
  }

  /** 64 hex digits. */
  digest(): string {
    return hex(this.#sum)
  }

  #begin(part: Buffer): void {
    this.#begun ??= { hash: createHash('sha256'), length: 0, head: Buffer.alloc(0) }
    this.#begun.hash.update(part)
    this.#begun.length += part.length
    if (this.#begun.head.length < endOfData.length) this.#begun.head = Buffer.concat([this.#begun.head, part.subarray(0, endOfData.length)])
  }

  #line(last: Buffer): void {
    if (this.#begun) this.#begin(last)
    const { hash, length, head } = this.#begun ?? { hash: null, length: last.length, head: last }
    this.#begun = null
    if (length === endOfData.length && head.equals(endOfData)) {
      this.#ended = true
      return
    }
    this.#sum = (this.#sum + BigInt(`0x${(hash ?? createHash('sha256').update(last)).digest('hex')}`)) % modulus
  }
}

export function addLineSums(sums: readonly string[]): string {
  return hex(sums.reduce((total, sum) => (total + BigInt(`0x${sum}`)) % modulus, 0n))
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(64, '0')
}
