/**
 * What rows are held against each other by: 16 bytes of the keyed SHA-256 of the key, 16 of that of the row. The digests' own secret is random
 * and dies with the comparison, so records tell nobody anything about the rows, also where they lie in the staging directory.
 */
export const recordBytes = 32
export const digestBytes = 16
