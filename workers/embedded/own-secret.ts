import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A random secret that this installation made for itself: read, or made on first use, mode 0400. Two processes that make it at once agree on one. */
export function ownSecret(home: string, name: string): string {
  const file = path.join(home, 'keys', name)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const there = read(file)
  if (there !== null) return there
  const mine = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(mine, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o400, flag: 'wx', flush: true })
  try {
    linkSync(mine, file) // never replaces: whoever comes second reads the first's
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(mine, { force: true })
  }
  return readFileSync(file, 'utf8').trim()
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
