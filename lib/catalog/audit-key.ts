import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { env } from '#lib/env.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

/** Reads the key of the audit chain (32 bytes, base64), or makes it, mode 0400. Two processes that make it at once agree on one. */
export function readOrMakeAuditKey(file: string): Buffer {
  return readKey(file) ?? makeKey(file)
}

function readKey(file: string): Buffer | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32) throw new LifeboatError('key_missing', `${file} does not hold a key of 32 bytes.`, 'Put the original file back.')
  return key
}

function makeKey(file: string): Buffer {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(mine, `${randomBytes(32).toString('base64')}\n`, { mode: 0o400, flag: 'wx', flush: true })
  try {
    // link never replaces: whoever comes second reads the first's key
    linkSync(mine, file)
    chmodSync(file, 0o400)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(mine, { force: true })
  }
  const key = readKey(file)
  if (key === null) throw new LifeboatError('key_missing', `${file} vanished while it was made.`)
  return key
}

let known: Buffer | undefined

/** The process's audit key: LIFEBOAT_AUDIT_KEY, or LIFEBOAT_HOME/keys/audit.key. */
export function auditKey(): Buffer {
  known ??= env().LIFEBOAT_AUDIT_KEY === undefined ? readOrMakeAuditKey(auditKeyFile()) : Buffer.from(env().LIFEBOAT_AUDIT_KEY ?? '', 'base64')
  return known
}

export function auditKeyFile(): string {
  return path.join(env().LIFEBOAT_HOME, 'keys', 'audit.key')
}

/** For tests: the key that this process uses from now on. */
export function useAuditKey(key: Buffer): void {
  known = key
}
