import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { LifeboatError } from '#lib/domain/errors.ts'
import { guarded } from './guards.ts'

/** How a child is started; see spawnTool. */
export interface ToolSpec {
  /** absolute path of the program; never looked up through a shell */
  path: string
  args: string[]
  /** the whole environment of the child: nothing is inherited */
  env?: Record<string, string>
  cwd?: string
  /** aborted: SIGTERM to the whole process group, SIGKILL after `graceMs`; the promise rejects with the signal's reason */
  signal?: AbortSignal
  graceMs?: number
  onStderrLine?: (line: string) => void
  /** bytes of stdout to keep; 0 (the default) sends stdout nowhere */
  stdoutLimit?: number
}
export interface ToolResult {
  code: number
  /** set where the child was ended by a signal that we did not send */
  killedBy: string | null
  /** the last 16 KiB of what it said */
  stderrTail: string
  stdout: string
}

const tailBytes = 16_384

/**
 * Runs one program without a shell, in its own process group and with exactly the environment given.
 * Under Linux the child dies with this process and has limits (guards.ts), elsewhere only the group kill ends it.
 * Resolves for every exit code; throws tools_missing where the program cannot be started, and the signal's reason after an abort,
 * in both cases only when nothing of the group is left.
 */
export async function spawnTool(spec: ToolSpec): Promise<ToolResult> {
  spec.signal?.throwIfAborted()
  if (!existsSync(spec.path)) throw missing(spec.path)
  const child = startProgram({ ...spec, ...guarded(spec.path, spec.args) }, ['ignore', spec.stdoutLimit ? 'pipe' : 'ignore', 'pipe'])
  const stderr = collectLines(child.stderr, spec.onStderrLine)
  const stdout = collectHead(child.stdout, spec.stdoutLimit ?? 0)

  let timer: NodeJS.Timeout | undefined
  const end = () => {
    killGroup(child.pid, 'SIGTERM')
    timer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), spec.graceMs ?? 5000)
  }
  try {
    const exited = new Promise<{ code: number | null; by: string | null }>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new LifeboatError('tools_missing', `Could not start ${spec.path}: ${error.message}`, '', { cause: error })),
      )
      child.once('exit', (code, by) => {
        // a worker of a parallel dump may outlive its leader for a moment, and would hold the pipes open
        killGroup(child.pid, 'SIGKILL')
        child.once('close', () => resolve({ code, by }))
      })
    })
    spec.signal?.addEventListener('abort', end, { once: true })
    if (spec.signal?.aborted) end()
    const { code, by } = await exited
    spec.signal?.throwIfAborted()
    return { code: code ?? 128, killedBy: by, stderrTail: stderr(), stdout: stdout() }
  } finally {
    clearTimeout(timer)
    spec.signal?.removeEventListener('abort', end)
  }
}

/** The one place where a program is started: without a shell, in its own process group, with exactly the environment given. */
export function startProgram(
  spec: { path: string; args: readonly string[]; env?: Record<string, string>; cwd?: string },
  stdio: StdioOptions,
): ChildProcess {
  // next declares NODE_ENV as always there; here nothing is
  return spawn(spec.path, spec.args, { cwd: spec.cwd, env: { ...spec.env } as NodeJS.ProcessEnv, detached: true, shell: false, stdio })
}

export function missing(path: string): LifeboatError {
  return new LifeboatError('tools_missing', `There is no program ${path}.`, 'Nothing was changed. Install the PostgreSQL client tools.')
}

/** To the whole group; a group that is gone already is what we wanted. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function collectLines(stream: NodeJS.ReadableStream | null, onLine?: (line: string) => void): () => string {
  let tail = ''
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (text: string) => {
    tail = (tail + text).slice(-tailBytes)
    if (!onLine) return
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(-tailBytes)
    for (const line of lines) onLine(line)
  })
  stream?.on('end', () => {
    if (onLine && rest) onLine(rest)
  })
  return () => tail
}

function collectHead(stream: NodeJS.ReadableStream | null, limit: number): () => string {
  const parts: Buffer[] = []
  let size = 0
  stream?.on('data', (part: Buffer) => {
    if (size < limit) parts.push(part.subarray(0, limit - size))
    size += part.length
  })
  return () => Buffer.concat(parts).toString('utf8')
}
