import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { env } from '#lib/env.ts'

/** Signs session cookies: LIFEBOAT_SECRET, or LIFEBOAT_HOME/keys/session.secret, made once with mode 0400. Losing it signs everybody out. */
export function sessionSecret(): string {
  const given = env().LIFEBOAT_SECRET
  if (given !== undefined) return given
  const file = path.join(env().LIFEBOAT_HOME, 'keys', 'session.secret')
  return read(file) ?? make(file)
}

/** The same where it is known on this machine, without making one: another machine's web would not know it. */
export function knownSessionSecret(): string | null {
  return env().LIFEBOAT_SECRET ?? read(path.join(env().LIFEBOAT_HOME, 'keys', 'session.secret'))
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function make(file: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(mine, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o400, flag: 'wx', flush: true })
  try {
    // link never replaces: of two processes that make it at once, the second takes the first's
    linkSync(mine, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(mine, { force: true })
  }
  return readFileSync(file, 'utf8').trim()
}
