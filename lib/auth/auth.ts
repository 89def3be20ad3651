import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { getAdapter } from 'better-auth/db/adapter'
import pg from 'pg'
import { catalogUrl, surviveBrokenConnections } from '#lib/catalog/pool.ts'
import { env } from '#lib/env.ts'
import { cookieNames } from './cookie-names.ts'
import { withHashedSessions } from './hashed-sessions.ts'
import { sessionSecret } from './session-secret.ts'

/** Signed out after this long without a request; every request within it extends the session. */
export const idleSeconds = 12 * 3600
/** Signed out this long after signing in, however busy. */
export const absoluteSeconds = 7 * 86_400
export const shortestPassword = 12
export const longestPassword = 128

export function sessionCookieName(): string {
  return isHttps() ? cookieNames.https : cookieNames.http
}

function isHttps(): boolean {
  return env().LIFEBOAT_URL?.startsWith('https://') ?? false
}

/** Its own pool: better-auth's tables live in their own schema, and the role may not alter them. */
export function openAuthPool(url: string, role: 'app' | 'owner' = 'app'): pg.Pool {
  const settings = ['-c search_path=auth', '-c statement_timeout=15s', ...(role === 'app' ? ['-c role=lifeboat_app'] : [])]
  const pool = new pg.Pool({
    connectionString: url,
    options: settings.join(' '),
    application_name: 'lifeboat sign-in',
    max: 4,
    connectionTimeoutMillis: 5_000,
    query_timeout: 20_000,
    keepAlive: true,
  })
  surviveBrokenConnections(pool, 'a sign-in connection broke')
  return pool
}

/** Everything but the database; the tables follow from this, see migrations/0002_auth.sql. */
export function authOptions(secret: string) {
  const secure = isHttps()
  return {
    appName: 'Lifeboat',
    baseURL: env().LIFEBOAT_URL ?? `http://${env().HOST}:${env().PORT}`,
    secret,
    telemetry: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: shortestPassword, maxPasswordLength: longestPassword },
    user: { additionalFields: { role: { type: 'string', required: true, defaultValue: 'viewer', input: false } } },
    session: { expiresIn: idleSeconds, updateAge: 300, cookieCache: { enabled: false } },
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: false,
      ipAddress: { ipAddressHeaders: ['x-lifeboat-client'] },
      cookies: {
        session_token: {
          name: sessionCookieName(),
          attributes: { httpOnly: true, secure, sameSite: 'lax', path: '/' },
        },
      },
    },
  } satisfies BetterAuthOptions
}

async function makeAuth(pool: pg.Pool) {
  const options = authOptions(sessionSecret())
  const adapter = withHashedSessions(await getAdapter({ ...options, database: pool }))
  return betterAuth({ ...options, database: () => adapter })
}

let made: { auth: ReturnType<typeof makeAuth>; pool: pg.Pool } | undefined

/** The process's one instance, made on first call: made at module level, the web's build would open a database. */
export function auth(): ReturnType<typeof makeAuth> {
  if (made === undefined) {
    const pool = openAuthPool(catalogUrl())
    made = { auth: makeAuth(pool), pool }
  }
  return made.auth
}

/** For tests and for the CLI's end. */
export async function closeAuth(): Promise<void> {
  await made?.pool.end()
  made = undefined
}
