import { cutToBytes, maximumNameBytes } from './target-name.ts'

/**
 * `shop_kept_20261122_221530`: a name that says what it comes from. Where it does not fit into 63 bytes the original is cut between characters
 * and marked by a hash of the whole, so that two long names do not become one.
 */
export function derivedName(name: string, suffix: string): string {
  const whole = name + suffix
  if (bytes(whole) <= maximumNameBytes) return whole
  const mark = `_${hash(name)}`
  return cutToBytes(name, maximumNameBytes - bytes(suffix) - mark.length) + mark + suffix
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

/** FNV-1a, 32 bits, as 8 hex digits: to tell names apart, not to hide them. */
function hash(text: string): string {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value.toString(16).padStart(8, '0')
}
