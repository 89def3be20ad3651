import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface WorkerProcess {
  pid: number
  healthPort: number
  staging: string
  /** resolves with the exit code, or null after a signal */
  ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** SIGKILL if it still runs; removes its staging directory */
  clear(): Promise<void>
}

/** Starts test/support/worker-entry.ts as a process of its own and waits until it is ready. */
export async function startWorkerProcess(url: string, concurrency = 2): Promise<WorkerProcess> {
  const staging = mkdtempSync(path.join(tmpdir(), 'lifeboat-worker-'))
  const entry = path.join(import.meta.dirname, 'worker-entry.ts')
  const child = spawn(process.execPath, [entry, url, staging, String(concurrency)], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', LOG_LEVEL: process.env.WORKER_LOG ?? 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const clear = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
    rmSync(staging, { recursive: true, force: true })
  }
  try {
    const healthPort = await readyPort(child, ended)
    return { pid: child.pid ?? 0, healthPort, staging, ended, signal: (name) => child.kill(name), clear }
  } catch (error) {
    await clear()
    throw error
  }
}

async function readyPort(child: ChildProcess, ended: Promise<number | null>): Promise<number> {
  let said = ''
  const ready = new Promise<number>((resolve) => {
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString()
      const match = /ready (\d+)/.exec(said)
      if (match) resolve(Number(match[1]))
    })
  })
  const gone = ended.then((code) => Promise.reject(new Error(`the worker ended with ${code} before it was ready`)))
  return Promise.race([ready, gone])
}
