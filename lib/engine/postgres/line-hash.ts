import { createHash } from 'node:crypto'

const modulus = 1n << 256n

/**
 * Order-independent hash of COPY text: the sum of the SHA-256 of each line, modulo 2^256. Rows never hold a raw newline, so a line is a row.
 * Sums of several files add up (addLineSums): a partitioned table is compared over all its leaves, whichever leaf a row landed in.
 */
export class LineHash {
  #sum = 0n
  #parts: Buffer[] = []
  #ended = false

  update(piece: Buffer): void {
    let start = 0
    for (let end = piece.indexOf(10); end !== -1 && !this.#ended; end = piece.indexOf(10, start)) {
      this.#line(piece.subarray(start, end))
      start = end + 1
    }
    if (start < piece.length && !this.#ended) this.#parts.push(Buffer.from(piece.subarray(start)))
  }

  /** 64 hex digits. */
  digest(): string {
    return hex(this.#sum)
  }

  #line(last: Buffer): void {
    const line = this.#parts.length > 0 ? Buffer.concat([...this.#parts, last]) : last
    this.#parts = []
    // `\.` alone ends the data
    if (line.length === 2 && line[0] === 0x5c && line[1] === 0x2e) {
      this.#ended = true
      return
    }
    this.#sum = (this.#sum + BigInt(`0x${createHash('sha256').update(line).digest('hex')}`)) % modulus
  }
}

export function addLineSums(sums: readonly string[]): string {
  return hex(sums.reduce((total, sum) => (total + BigInt(`0x${sum}`)) % modulus, 0n))
}

function hex(sum: bigint): string {
  return sum.toString(16).padStart(64, '0')
}
