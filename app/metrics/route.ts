import { timingSafeEqual } from 'node:crypto'
import { BlockList } from 'node:net'
import { clientAddress } from '#lib/auth/client-address.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { env } from '#lib/env.ts'
import { metricsText } from '#lib/http/metrics/metrics-text.ts'
import { problemOf } from '#lib/http/problem.ts'

export const dynamic = 'force-dynamic'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Prometheus; from this machine itself, or with `Authorization: Bearer METRICS_TOKEN`. */
export async function GET(request: Request): Promise<Response> {
  if (!mayRead(request)) return new Response('A token is needed.\n', { status: 401, headers: { 'www-authenticate': 'Bearer' } })
  try {
    const { text, contentType } = await metricsText(catalog())
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  } catch (error) {
    return problemOf(error, crypto.randomUUID())
  }
}

function mayRead(request: Request): boolean {
  const token = env().METRICS_TOKEN
  const given = request.headers.get('authorization') ?? ''
  if (token !== undefined) {
    const [a, b] = [Buffer.from(given), Buffer.from(`Bearer ${token}`)]
    return a.length === b.length && timingSafeEqual(a, b)
  }
  const address = clientAddress(request.headers)
  // a proxy on this machine that was not configured would make the whole world look local
  const forwarded = request.headers.get('x-forwarded-for') ?? address
  return forwarded.replace(/^::ffff:/, '') === address && address !== 'unknown' && loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
}
