import { type Hash, createHash, hash as hashOf } from 'node:crypto'

const modulus = 1n << 256n
/** `\.` alone ends the data */
const endOfData = Buffer.from('\\.')

/**
 * Order-independent hash of COPY text: the sum of the SHA-256 of each line, modulo 2^256. Rows never hold a raw newline, so a line is a row.
 * Sums of several files add up (addLineSums): a partitioned table is compared over all its leaves, whichever leaf a row landed in.
 */
export class LineHash {
  /** the sum in 16 parts of 16 bits, each far from what a number holds exactly: adding big integers took as long as hashing */
  readonly #parts = new Float64Array(16)
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
    return hex(this.#parts.reduce((sum, part) => ((sum << 16n) + BigInt(part)) % modulus, 0n))
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
    this.#add(hash?.digest('binary') ?? hashOf('sha256', last, 'binary'))
  }

  /** A byte for each character: a third of the time of a digest as a Buffer. */
  #add(digest: string): void {
    for (let part = 0; part < 16; part++) {
      this.#parts[part] = (this.#parts[part] ?? 0) + digest.charCodeAt(2 * part) * 256 + digest.charCodeAt(2 * part + 1)
    }
  }
}

export function addLineSums(sums: readonly string[]): string {
  return hex(sums.reduce((total, sum) => (total + BigInt(`0x${sum}`)) % modulus, 0n))
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(64, '0')
}
