import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Within one of these a pid means one process: host name, boot, and the namespace that containers get each of their own. */
export function thisMachine(): string {
  return createHash('sha256')
    .update([hostname(), read('/proc/sys/kernel/random/boot_id'), link('/proc/self/ns/pid')].join('\0'))
    .digest('hex')
    .slice(0, 16)
}

/** When a process began, in ticks since boot: a pid that was given again has another start. null: there is no such process. */
export function startOf(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`)
  // the program's name stands in parentheses and may hold anything
  if (stat !== '') return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  if (process.platform === 'linux') return null
  return isAlive(pid) ? '0' : null
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

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file)
  } catch {
    return ''
  }
}
