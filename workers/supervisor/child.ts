import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Say, sayLines } from './say.ts'

export interface Child {
  /** SIGTERM, then SIGKILL to its whole group after `graceMs` */
  stop(graceMs: number): Promise<void>
}

export interface ChildPlan {
  args: string[]
  env: Record<string, string | undefined>
  cwd: string
  say: Say
}

/** A Node program of ours that is kept alive: one that ends is started again, after 1, 2, 4 … 30 seconds. */
export function keepAlive(plan: ChildPlan): Child {
  let stopping = false
  let child: ChildProcess | null = null
  const stopped = new AbortController()
  const loop = (async () => {
    for (let delay = 1_000; !stopping; ) {
      const began = Date.now()
      child = spawnNode(plan)
      const how = await endOf(child)
      if (stopping) return
      if (Date.now() - began > 60_000) delay = 1_000
      plan.say(`ended (${how}); starts again in ${delay / 1_000} s`)
      await sleep(delay, undefined, { signal: stopped.signal }).catch(() => undefined)
      delay = Math.min(delay * 2, 30_000)
    }
  })()
  return {
    async stop(graceMs) {
      stopping = true
      stopped.abort()
      if (child !== null) signalGroup(child, 'SIGTERM')
      const late = sleep(graceMs, 'late' as const, { ref: false })
      if ((await Promise.race([loop, late])) === 'late' && child !== null) signalGroup(child, 'SIGKILL')
      await loop
    },
  }
}

/** Runs a Node program of ours to its end; resolves its exit code. */
export async function runToEnd(plan: ChildPlan, signal: AbortSignal): Promise<number> {
  const child = spawnNode(plan)
  const abort = () => signalGroup(child, 'SIGKILL')
  signal.addEventListener('abort', abort, { once: true })
  await endOf(child)
  signal.removeEventListener('abort', abort)
  return child.exitCode ?? 1
}

/** In a session of its own, so that Ctrl-C reaches only the supervisor; killed by the kernel when the supervisor dies. */
function spawnNode(plan: ChildPlan): ChildProcess {
  const setpriv = '/usr/bin/setpriv'
  const [command, ...args] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', process.execPath, ...plan.args] : [process.execPath, ...plan.args]
  const env = { ...plan.env } as NodeJS.ProcessEnv
  const child = spawn(command ?? process.execPath, args, { cwd: plan.cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  sayLines(child, plan.say)
  return child
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    child.kill(signal) // the group is gone, or not yet made
  }
}
