import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { guarded } from './guards.ts'
import { killGroup, missing, startProgram, type ToolResult } from './run.ts'

export interface StreamSpec {
  /** absolute path */
  path: string
  args: readonly string[]
  /** the whole environment of the child */
  env: Record<string, string>
  cwd?: string
  /** its standard input; what this throws ends the program and is thrown. Absent: nothing */
  input?: AsyncIterable<Buffer>
  signal: AbortSignal
  /** what an end other than 0 is thrown as */
  failure: (result: Omit<ToolResult, 'stdout'>) => unknown
}

/**
 * The standard output of a program as it comes, without a shell and with exactly the environment given. Ends only after the program ended with 0;
 * throws `failure` otherwise, and the signal's reason after an abort. Whoever stops reading ends the program and its group.
 */
export async function* streamTool(spec: StreamSpec): AsyncGenerator<Buffer> {
  spec.signal.throwIfAborted()
  const child = startProgram({ ...spec, ...guarded(spec.path, spec.args) }, [spec.input ? 'pipe' : 'ignore', 'pipe', 'pipe'])
  const fed = feed(child.stdin, spec.input)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-16_384)
  })
  const closed = new Promise<{ code: number | null; by: string | null }>((resolve, reject) => {
    child.once('error', () => reject(missing(spec.path)))
    child.once('close', (code, by) => resolve({ code, by }))
  })
  closed.catch(() => {})
  const end = () => killGroup(child.pid, 'SIGKILL')
  spec.signal.addEventListener('abort', end, { once: true })
  try {
    // a program that could not be started has an output that ends at once
    for await (const piece of child.stdout ?? []) yield piece as Buffer
    const { code, by } = await closed
    spec.signal.throwIfAborted()
    const problem = await fed
    if (problem !== null) throw problem.error
    if (code !== 0) throw spec.failure({ code: code ?? 128, killedBy: by, stderrTail: said })
  } catch (error) {
    spec.signal.throwIfAborted()
    throw error
  } finally {
    spec.signal.removeEventListener('abort', end)
    end()
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) await once(child, 'exit')
  }
}

/** null: all was given, or the program wanted no more. A source that failed must not look like one that ended: the input is cut off, not closed. */
async function feed(stdin: Writable | null, input: AsyncIterable<Buffer> | undefined): Promise<{ error: unknown } | null> {
  if (stdin === null || input === undefined) return null
  let failed: { error: unknown } | null = null
  async function* watched(source: AsyncIterable<Buffer>) {
    try {
      yield* source
    } catch (error) {
      failed = { error }
      throw error
    }
  }
  await pipeline(watched(input), stdin).catch(() => {})
  return failed
}
