import { env } from '#lib/env.ts'

/** Inline styles stay allowed: charts, toasts and the component library write them, and nothing stricter leaves those whole. */
export function contentPolicy(nonce: string): string {
  const { NODE_ENV, LIFEBOAT_URL } = env()
  return [
    "default-src 'self'",
    // the development server evaluates its updates
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${NODE_ENV === 'development' ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(LIFEBOAT_URL?.startsWith('https://') ? ['upgrade-insecure-requests'] : []),
  ].join('; ')
}

export function securityHeaders(): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...(env().LIFEBOAT_URL?.startsWith('https://') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
