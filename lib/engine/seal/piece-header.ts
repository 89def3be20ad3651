/** In front of each zstd frame: a skippable frame of 16 bytes that gives its stored and its raw length. docs/backup-format.md. */
export const pieceHeaderBytes = 16
export const pieceBytes = 1 << 20
/** Room for a piece that does not compress: it grows a little. */
export const slotBytes = pieceHeaderBytes + pieceBytes + (pieceBytes >> 7) + 1024
const skippableMagic = 0x184d2a50

export function writePieceHeader(into: Buffer, frameBytes: number, rawBytes: number): void {
  into.writeUInt32LE(skippableMagic, 0)
  into.writeUInt32LE(8, 4)
  into.writeUInt32LE(frameBytes, 8)
  into.writeUInt32LE(rawBytes, 12)
}

/** null: these 16 bytes are not such a header. */
export function readPieceHeader(header: Buffer): { frameBytes: number; rawBytes: number } | null {
  if (header.readUInt32LE(0) !== skippableMagic || header.readUInt32LE(4) !== 8) return null
  return { frameBytes: header.readUInt32LE(8), rawBytes: header.readUInt32LE(12) }
}
