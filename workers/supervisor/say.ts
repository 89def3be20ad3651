import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Say = (line: string) => void

/** Lines on stdout with the name of the part in front. */
export function sayAs(name: string): Say {
  return (line) => process.stdout.write(`${name.padEnd(9)}| ${line}\n`)
}

export function sayLines(child: ChildProcess, say: Say): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => line.trim() !== '' && say(readable(line)))
  }
}

/** A log record of ours as a sentence; anything else as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line
  let record: Record<string, unknown>
  try {
    record = JSON.parse(line) as Record<string, unknown>
  } catch {
    return line
  }
  const { level, time: _time, msg, pid: _pid, hostname: _hostname, ...fields } = record
  if (typeof msg !== 'string') return line
  const words = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  const weight = typeof level === 'number' && level >= 50 ? 'ERROR: ' : typeof level === 'number' && level >= 40 ? 'warning: ' : ''
  return [`${weight}${msg}`, ...words].join('  ')
}
