/**
 * What rows are held against each other by: 16 bytes of the keyed SHA-256 of the key, 16 of that of the row. The digests' own secret is random
 * and dies with the comparison, so records tell nobody anything about the rows, also where they lie in the staging directory.
 */
export const recordBytes = 32
export const digestBytes = 16

/** Order of two records. Their first bytes are those of chance: most are told apart without a call into the native comparison. */
export function compareRecords(one: Buffer, at: number, other: Buffer, otherAt: number): number {
  for (let index = 0; index < 4; index++) {
    const difference = (one[at + index] ?? 0) - (other[otherAt + index] ?? 0)
    if (difference !== 0) return difference
  }
  return one.compare(other, otherAt, otherAt + recordBytes, at, at + recordBytes)
}
