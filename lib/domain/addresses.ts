/**
 * Where an address leads, for everything that Lifeboat connects to by a person's word. `never` is refused also with consent: nothing that a
 * person backs up or is told by lives there, and a cloud's metadata does. Ranges after the IANA special-purpose registries (RFC 6890 and later).
 */
export type AddressKind = 'public' | 'loopback' | 'private' | 'never'

type Range = readonly [network: string, bits: number, kind: Exclude<AddressKind, 'public'>]

const ranges4: readonly Range[] = [
  ['127.0.0.0', 8, 'loopback'],
  // metadata that is not link-local: Azure's, which is reached like a public address, and Alibaba's, within the shared address space
  ['168.63.129.16', 32, 'never'],
  ['100.100.100.200', 32, 'never'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  // shared address space of carriers, RFC 6598
  ['100.64.0.0', 10, 'private'],
  ['0.0.0.0', 8, 'never'],
  // link-local, and most clouds' metadata
  ['169.254.0.0', 16, 'never'],
  ['192.0.0.0', 24, 'never'],
  ['192.0.2.0', 24, 'never'],
  ['192.88.99.0', 24, 'never'],
  ['198.18.0.0', 15, 'never'],
  ['198.51.100.0', 24, 'never'],
  ['203.0.113.0', 24, 'never'],
  // multicast, reserved and broadcast
  ['224.0.0.0', 3, 'never'],
]

const ranges6: readonly Range[] = [
  ['::1', 128, 'loopback'],
  // metadata of AWS and of Google Cloud, before the unique local addresses that they are part of
  ['fd00:ec2::254', 128, 'never'],
  ['fd20:ce::254', 128, 'never'],
  ['fc00::', 7, 'private'],
]

/** The kind of an IPv4 or IPv6 literal; null: it is none. A v6 address that carries a v4 one (mapped, translated, 6to4) is what it carries. */
export function addressKind(address: string): AddressKind | null {
  const v4 = parse4(address)
  if (v4 !== null) return kindIn(ranges4, v4, 32, parse4) ?? 'public'
  const v6 = parse6(address)
  if (v6 === null) return null
  const carried = carriedBy(v6)
  if (carried !== null) return kindIn(ranges4, carried, 32, parse4) ?? 'public'
  // everything else outside the global unicast block 2000::/3 is local, reserved or multicast
  const kind = kindIn(ranges6, v6, 128, parse6)
  if (kind !== null) return kind
  if (v6 >> 125n !== 1n) return 'never'
  // documentation 2001:db8::/32 and 3fff::/20; Teredo and other protocol assignments 2001::/23
  if (v6 >> 96n === 0x20010db8n || v6 >> 108n === 0x3fff0n || v6 >> 105n === 0x2001n << 7n) return 'never'
  return 'public'
}

/**
 * A host as people write it. `name`: to be resolved; `refused`: a form of address that resolvers read in ways of their own (decimal, octal,
 * hexadecimal, short), or no host at all.
 */
export function hostForm(host: string): { form: 'address'; address: string } | { form: 'name'; name: string } | { form: 'refused' } {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (addressKind(bare) !== null) return { form: 'address', address: bare }
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare
  const labels = name.split('.')
  const wellFormed = name.length > 0 && name.length <= 253 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
  // a last label of digits, or of hexadecimal digits after 0x, is an address to inet_aton
  if (!wellFormed || /^(?:\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? '')) return { form: 'refused' }
  return { form: 'name', name }
}

/** Whether a connection may go there; the reason in words where not. `privateAllowed`: an admin's consent for this target. */
export function refusalOf(kind: AddressKind, privateAllowed: boolean): string | null {
  if (kind === 'public') return null
  if (kind === 'never') return 'The address is link-local, reserved or a cloud’s metadata: Lifeboat never connects there.'
  if (privateAllowed) return null
  return kind === 'loopback'
    ? 'The address is this machine itself, and nobody has consented to that for this target.'
    : 'The address lies in a private network, and nobody has consented to that for this target.'
}

function kindIn(ranges: readonly Range[], address: bigint, width: number, read: (text: string) => bigint | null): AddressKind | null {
  for (const [network, bits, kind] of ranges) {
    const base = read(network)
    const shift = BigInt(width - bits)
    if (base !== null && address >> shift === base >> shift) return kind
  }
  return null
}

/** Dotted, four decimal parts without leading zeros: every other form means different things to different readers. */
function parse4(text: string): bigint | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

/** RFC 4291, without a zone: a zone names an interface of this machine, which is link-local by its nature. */
function parse6(text: string): bigint | null {
  if (!/^[0-9a-f:.]+$/i.test(text) || text.indexOf('::') !== text.lastIndexOf('::')) return null
  const [left = '', right] = text.split('::')
  const head = groupsOf(left)
  const tail = right === undefined ? [] : groupsOf(right)
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (right === undefined ? missing !== 0 : missing < 1) return null
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((sum, group) => (sum << 16n) + group, 0n)
}

function groupsOf(text: string): bigint[] | null {
  if (text === '') return []
  const parts = text.split(':')
  const groups: bigint[] = []
  for (const [at, part] of parts.entries()) {
    const v4 = part.includes('.') && at === parts.length - 1 ? parse4(part) : null
    if (v4 !== null) groups.push(v4 >> 16n, v4 & 0xffffn)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`))
    else return null
  }
  return groups
}

/** ::ffff:a.b.c.d, ::a.b.c.d (deprecated), 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64), 2002::/16 (6to4). */
function carriedBy(v6: bigint): bigint | null {
  const low = v6 & 0xffffffffn
  const high = v6 >> 32n
  if (high === 0xffffn || high === 0x64ff9bn << 64n || high >> 48n === 0x64ff9b0001n) return low
  if (high === 0n && v6 > 1n) return low
  if (v6 >> 112n === 0x2002n) return (v6 >> 80n) & 0xffffffffn
  return null
}
