import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import type { Readable } from 'node:stream'

export interface Step {
  command: string
  args: string[]
}

/** Runs programs joined by pipes, without a shell, from and to files. Returns seconds; throws unless every one of them ended with 0. */
export async function timePipeline(steps: readonly Step[], files: { from?: string; to?: string }, env: Record<string, string>): Promise<number> {
  const begun = process.hrtime.bigint()
  const input = files.from === undefined ? 'ignore' : openSync(files.from, 'r')
  const output = files.to === undefined ? 'ignore' : openSync(files.to, 'w', 0o600)
  let upstream: Readable | null = null
  const ends = steps.map((step, index) => {
    const last = index === steps.length - 1
    const child = spawn(step.command, step.args, {
      env: { NODE_ENV: 'production', ...env },
      stdio: [upstream === null ? input : 'pipe', last ? output : 'pipe', 'pipe'],
    })
    if (upstream !== null && child.stdin !== null) upstream.pipe(child.stdin)
    upstream = child.stdout
    let said = ''
    child.stderr?.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-2_000)
    })
    return once(child, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`${step.command} ended with ${code}: ${said}`)
    })
  })
  try {
    await Promise.all(ends)
  } finally {
    for (const file of [input, output]) if (typeof file === 'number') closeSync(file)
  }
  return Number(process.hrtime.bigint() - begun) / 1e9
}
