import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'

/** The pid of the supervisor that works in this home; null: none does. */
export function runningSupervisor(home: string): number | null {
  const file = path.join(home, 'supervisor.pid')
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8'))
  if (!Number.isInteger(pid) || pid <= 1) return null
  try {
    process.kill(pid, 0)
    const words = `/proc/${pid}/cmdline`
    return !existsSync(words) || readFileSync(words, 'utf8').includes('supervisor') ? pid : null
  } catch {
    return null
  }
}

/** Two supervisors in one home would fight over its clusters. Returns what gives the place up again. */
export function beTheOnlyOne(home: string): () => void {
  const other = runningSupervisor(home)
  if (other !== null && other !== process.pid) {
    throw new LifeboatError(
      'conflict',
      `Lifeboat runs here already (process ${other}).`,
      'Stop it with Ctrl-C, or choose another LIFEBOAT_HOME and PORT.',
    )
  }
  try {
    // below /proc Node's recursive mkdir tries for ever
    if (/^\/(proc|sys)(\/|$)/.test(path.resolve(home))) throw new Error('no directory can be made there')
    mkdirSync(home, { recursive: true })
    writeFileSync(path.join(home, 'supervisor.pid'), String(process.pid), { mode: 0o600 })
  } catch (error) {
    throw new LifeboatError(
      'unavailable',
      `Lifeboat cannot keep its files in ${home}: ${error instanceof Error ? error.message : String(error)}`,
      'Give LIFEBOAT_HOME a directory that the account which starts Lifeboat can write to. Nothing was changed.',
    )
  }
  return () => rmSync(path.join(home, 'supervisor.pid'), { force: true })
}
