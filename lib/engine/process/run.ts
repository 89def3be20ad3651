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

export async function spawnTool(_spec: ToolSpec): Promise<ToolResult> {
  throw new Error('not built yet')
}
