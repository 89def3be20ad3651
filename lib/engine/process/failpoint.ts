/**
 * For tests of crashes: the process kills itself at a named point, as a power cut would. `LIFEBOAT_FAILPOINT=name` or `name:3`
 * for the third time that the point is passed; `stop@name` freezes it there instead, until somebody wakes it. Set once at start by
 * `armFailPoint`; unarmed, a point costs a comparison.
 */
let armed: { name: string; remaining: number; signal: 'SIGKILL' | 'SIGSTOP' } | null = null

export function armFailPoint(value: string | undefined): void {
  const [name, count] = (value ?? '').replace(/^stop@/, '').split(':')
  armed = name ? { name, remaining: Number(count ?? 1), signal: value?.startsWith('stop@') ? 'SIGSTOP' : 'SIGKILL' } : null
}

export function failPoint(name: string): void {
  if (armed === null || armed.name !== name) return
  armed.remaining -= 1
  if (armed.remaining === 0) process.kill(process.pid, armed.signal)
}
