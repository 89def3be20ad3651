import { BlockList, isIP } from 'node:net'
import { env } from '#lib/env.ts'

/** Set by lib/http/peer-address.ts on every request from the socket itself; a client cannot choose it. */
export const peerHeader = 'x-lifeboat-peer'

/** The client's address: the socket's peer, or, where that is a configured proxy, the last address of X-Forwarded-For that is none. */
export function clientAddress(headers: Headers, trusted = env().LIFEBOAT_TRUSTED_PROXIES): string {
  const proxies = listOf(trusted)
  let address = plain(headers.get(peerHeader) ?? '')
  const hops = (headers.get('x-forwarded-for') ?? '').split(',').map((hop) => plain(hop.trim()))
  for (const hop of hops.reverse()) {
    if (!holds(proxies, address) || isIP(hop) === 0) break
    address = hop
  }
  return isIP(address) === 0 ? 'unknown' : address
}

/** What a limit counts by: an IPv4 address, or the /64 that one subscriber of IPv6 holds. */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const left = head.split(':').filter((part) => part !== '')
  const right = tail.split(':').filter((part) => part !== '')
  const zeros = address.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : []
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.join(':')}::/64`
}

/** `::ffff:192.0.2.1` is the IPv4 address. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function listOf(trusted: string): BlockList {
  const list = new BlockList()
  for (const entry of trusted.split(',').map((one) => one.trim())) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(address) === 0) continue
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

function holds(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
