import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { eventually } from './eventually.ts'
import type { TestCatalog } from './catalog.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { isFinished } from '#lib/domain/states.ts'

export interface DeliveredWorker {
  pid: number
  /** what it logged so far */
  said(): string
  ended: Promise<unknown>
  kill(signal: NodeJS.Signals): void
  /** SIGTERM, and the exit code */
  stop(): Promise<number | null>
}

/** workers/main.ts as a process of its own, as it is delivered, with `home` as its directory. */
export function startDeliveredWorker(it: TestCatalog, home: string, more: Record<string, string> = {}): DeliveredWorker {
  const child = spawn(process.execPath, [path.resolve('workers/main.ts')], {
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      LIFEBOAT_ROOT: home,
      LIFEBOAT_HOME: home,
      LIFEBOAT_AUDIT_KEY: it.auditKey.toString('base64'),
      DATABASE_URL: it.url,
      LOG_LEVEL: 'info',
      ...more,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  return {
    pid: child.pid ?? 0,
    said: () => said,
    ended,
    kill: (signal) => child.kill(signal),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return (await ended)[0] as number | null
    },
  }
}

export async function finishedOperation(it: TestCatalog, id: string, seconds = 120): Promise<OperationRow> {
  return eventually(async () => {
    const row = await getOperation(it.catalog, id)
    return row !== null && isFinished(row.state) && row
  }, seconds)
}

export interface Descendant {
  pid: number
  cmdline: string
  environ: string
}

/** The processes that `pid` started, and theirs, as /proc shows them now. */
export function descendantsOf(pid: number): Descendant[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const isBelow = (one: number): boolean => {
    const parent = parents.get(one)
    return parent === pid || (parent !== undefined && parent > 1 && isBelow(parent))
  }
  return [...parents.keys()]
    .filter(isBelow)
    .map((one) => ({ pid: one, cmdline: read(`/proc/${one}/cmdline`), environ: read(`/proc/${one}/environ`) }))
}

/** A process may end while it is looked at. */
function read(file: string): string {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  } catch {
    return ''
  }
}
