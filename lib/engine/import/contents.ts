import { constants, gunzipSync } from 'node:zlib'

/** What bytes begin as; null: nothing that can be imported. */
export type Contents = 'gzip' | 'archive' | 'sql' | 'utf16' | 'tar' | null

/** Judged by the bytes, never by the file's name. */
export function contentsOf(head: Buffer): Contents {
  // 8: deflate; the three high bits of the flags are always 0
  if (head.length >= 10 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8 && ((head[3] ?? 0) & 0xe0) === 0) return 'gzip'
  if (head.toString('latin1', 0, 5) === 'PGDMP') return 'archive'
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return 'utf16'
  if (head.length >= 262 && head.toString('latin1', 257, 262) === 'ustar') return 'tar'
  return isText(head) ? 'sql' : null
}

/** What a gzip file holds, by the first of its bytes. */
export function contentsInGzip(head: Buffer): Contents {
  try {
    // two kilobytes become two megabytes at most
    return contentsOf(gunzipSync(head.subarray(0, 2048), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 4 << 20 }).subarray(0, 4096))
  } catch {
    return null
  }
}

/**
 * Bytes as a wrong key gives them fail this: of 64 random bytes none may be a control character, and most must be ASCII.
 * Characters beyond ASCII are allowed in any encoding.
 */
function isText(head: Buffer): boolean {
  const bytes = head.subarray(0, 4096)
  if (bytes.length === 0) return false
  let ascii = 0
  for (const byte of bytes) {
    if (byte === 0x7f || (byte < 0x20 && (byte < 0x09 || byte > 0x0d))) return false
    if (byte < 0x80) ascii += 1
  }
  return ascii >= bytes.length * (bytes.length < 64 ? 1 : 0.6)
}
