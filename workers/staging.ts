import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** A staging directory of this process, 0700, after the ones of processes that are gone were removed: they may hold a dump. */
export function takeStaging(root: string, use: 'worker' | 'inline'): string {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(root)) {
    const pid = Number(/^(?:worker|inline)-(\d+)$/.exec(name)?.[1])
    if (pid > 0 && (pid === process.pid || !isAlive(pid))) rmSync(path.join(root, name), { recursive: true, force: true })
  }
  const mine = path.join(root, `${use}-${process.pid}`)
  mkdirSync(mine, { mode: 0o700 })
  return mine
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: somebody's, and alive
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
