import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { sweepPrivatePlaces } from '#lib/engine/postgres/private-place.ts'
import { startOf, thisMachine } from '#lib/engine/process/process-identity.ts'

export interface Staging {
  /** 0700, of this process alone */
  directory: string
  /** Removes it, and stops saying that it is in use. */
  release(): void
}

const aliveEveryMs = 30_000
/** Thirty marks missed. Whoever was frozen for that long has lost its lease and ends its runs when it wakes. */
const abandonedAfterMs = 15 * 60_000

/**
 * A staging directory of this process, after those of processes that are gone were removed: they may hold a dump.
 * Several machines, or containers that each call themselves pid 1, may share the volume. So a directory names its machine, pid and start;
 * only the same machine judges by the process. Others' directories go when nobody has marked them as used for a quarter of an hour.
 */
export function takeStaging(root: string, use: 'worker' | 'inline', machine: string = thisMachine()): Staging {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const name = `${use}-${machine}-${process.pid}-${startOf(process.pid) ?? '0'}`
  const directory = path.join(root, name)
  const keep = () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const now = new Date()
    utimesSync(directory, now, now)
    for (const other of readdirSync(root)) {
      if (other !== name && isLeft(path.join(root, other), other, machine)) rmSync(path.join(root, other), { recursive: true, force: true })
    }
  }
  keep()
  // what a private server of a killed worker left lies where its account could get to
  void sweepPrivatePlaces()
  const timer = setInterval(() => {
    try {
      keep()
    } catch {
      // a disk that is full or gone is told by the run that needs it
    }
  }, aliveEveryMs)
  timer.unref()
  return {
    directory,
    release() {
      clearInterval(timer)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** The pid alone is the name that an earlier version gave. */
const ours = /^(?:worker|inline)-(?:([0-9a-f]{16})-)?(\d+)(?:-(\d+))?$/

function isLeft(directory: string, name: string, machine: string): boolean {
  const [, itsMachine, pid, start] = ours.exec(name) ?? []
  if (pid === undefined) return false
  if (itsMachine === machine && start !== undefined) return startOf(Number(pid)) !== start
  const marked = statSync(directory, { throwIfNoEntry: false })?.mtimeMs
  return marked !== undefined && Date.now() - marked > abandonedAfterMs
}
