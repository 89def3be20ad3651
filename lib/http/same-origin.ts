import { env } from '#lib/env.ts'

export const unsafeMethods = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Whether an unsafe request comes from our own pages: Sec-Fetch-Site says same-origin, or Origin is exactly ours. A request without
 * either, or with `Origin: null`, is refused: no browser of the last years sends our forms that way.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  if (origin !== null) return ownOrigins(headers.get('host')).includes(origin)
  return site === 'same-origin'
}

/** Over https the public address alone counts; on plain http also the host that was asked, as on loopback people use several names. */
function ownOrigins(host: string | null): string[] {
  const url = env().LIFEBOAT_URL
  const own = url === undefined ? [] : [new URL(url).origin]
  if (url?.startsWith('https://') || host === null) return own
  return [...own, `http://${host}`]
}
