import { type NextRequest, NextResponse } from 'next/server'
import { cookieNames } from '#lib/auth/cookie-names.ts'
import { contentPolicy, securityHeaders } from '#lib/http/security-headers.ts'

/**
 * Redirects and headers, nothing else: it never decides who may see or do something. Pages and route handlers ask for the session
 * themselves; a page without a session cookie is sent to sign in here only so that nobody waits for an answer that will be no.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname } = request.nextUrl
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64')
  const policy = contentPolicy(nonce)
  const response = needsSignIn(request) ? redirectToSignIn(request) : goOn(request, nonce, policy)
  for (const [name, value] of Object.entries(securityHeaders())) response.headers.set(name, value)
  response.headers.set('content-security-policy', policy)
  if (pathname.startsWith('/api/') || response.status !== 200) response.headers.set('cache-control', 'no-store')
  return response
}

export const config = { matcher: ['/((?!_next/static|_next/image|icon.svg|favicon.ico).*)'] }

const open = ['/sign-in', '/setup', '/api/', '/healthz', '/readyz', '/metrics']

function needsSignIn(request: NextRequest): boolean {
  const { pathname } = request.nextUrl
  if (open.some((path) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))) return false
  return !Object.values(cookieNames).some((name) => request.cookies.has(name))
}

function redirectToSignIn(request: NextRequest): NextResponse {
  const to = request.nextUrl.clone()
  to.pathname = '/sign-in'
  to.search = request.nextUrl.pathname === '/' ? '' : `?next=${encodeURIComponent(request.nextUrl.pathname + request.nextUrl.search)}`
  return NextResponse.redirect(to)
}

/** Next reads the nonce from the policy on the request; the layout reads x-nonce. */
function goOn(request: NextRequest, nonce: string, policy: string): NextResponse {
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', policy)
  return NextResponse.next({ request: { headers } })
}
