import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

export interface Part {
  verb: 'backup' | 'restore' | 'table' | 'clone'
  databaseId: string
  backupId?: string
  targetDbname?: string
  /** in the schema public; comes back beside */
  table?: string
}
export interface Measured {
  seconds: number
  /** by stage, for restores */
  stages: Record<string, number>
  peakMemoryBytes: number
  bytesRead: number
  backupId: string | null
  outcome: string
}

/** Runs one operation in a process of its own, as a worker would, and takes its figures from there: the peak memory is that process's. */
export async function measureOurs(part: Part, env: Record<string, string>): Promise<Measured> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'ours-process.ts')], {
    env: { ...env, NODE_ENV: 'production', UV_THREADPOOL_SIZE: '4', PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let answer = ''
  child.stdout?.on('data', (text: Buffer) => {
    answer += text.toString()
  })
  child.stdin?.end(JSON.stringify(part))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the measured ${part.verb} ended with ${code}: ${answer}`)
  return JSON.parse(answer) as Measured
}
