import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fakeTool, processesMentioning } from '#test/support/processes.ts'
import { childLimits } from './guards.ts'
import { spawnTool } from './run.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-run-'))
})
afterEach(async () => {
  expect(await processesMentioning(dir), 'no child process is left').toEqual([])
  await rm(dir, { recursive: true })
})

test('the child has exactly the environment given, and arguments reach it as they are', async () => {
  const path = await fakeTool(dir, 'show', `/usr/bin/env; printf '%s|' "$@"`)
  const { stdout, code } = await spawnTool({ path, args: ['$(id)', 'a b', '; ls', ''], env: { ONLY: 'this' }, stdoutLimit: 10_000 })
  expect(code).toBe(0)
  const [environment, args] = [stdout.split('\n').slice(0, -1), stdout.split('\n').at(-1)]
  expect(environment.filter((line) => !/^(PWD|_|SHLVL)=/.test(line))).toEqual(['ONLY=this'])
  expect(args).toBe('$(id)|a b|; ls||')
})

test('an exit code is a value, the last words are kept and lines are told as they come', async () => {
  const path = await fakeTool(dir, 'fail', `echo one >&2; printf two >&2; exit 3`)
  const lines: string[] = []
  expect(await spawnTool({ path, args: [], onStderrLine: (line) => lines.push(line) })).toMatchObject({
    code: 3,
    killedBy: null,
    stderrTail: 'one\ntwo',
  })
  expect(lines).toEqual(['one', 'two'])
})

test('a program that is not there is told as missing tools', async () => {
  await expect(spawnTool({ path: join(dir, 'nothing'), args: [] })).rejects.toMatchObject({ code: 'tools_missing' })
})

test('an abort ends the whole group, also grandchildren that ignore SIGTERM, and rejects with its reason', async () => {
  const path = await fakeTool(dir, 'stubborn', `trap '' TERM; (trap '' TERM; /bin/sleep 1000) & /bin/sleep 1000; /bin/sleep 1000`)
  const abort = new AbortController()
  const running = spawnTool({ path, args: [], env: { HERE: dir }, signal: abort.signal, graceMs: 100 })
  running.catch(() => {})
  await expect.poll(async () => (await processesMentioning(dir)).length).toBeGreaterThan(2)
  const reason = new Error('enough')
  abort.abort(reason)
  await expect(running).rejects.toBe(reason)
})

test('a leader that ends leaves nobody of its group behind', async () => {
  const path = await fakeTool(dir, 'leaver', `/bin/sleep 1000 & exit 0`)
  expect(await spawnTool({ path, args: [], env: { HERE: dir } })).toMatchObject({ code: 0 })
})

test('a child dies with the worker, also when that is killed', async () => {
  const tool = await fakeTool(dir, 'orphan', `exec /bin/sleep 1000`)
  const script = `import { spawnTool } from ${JSON.stringify(new URL('./run.ts', import.meta.url).href)}; await spawnTool({ path: ${JSON.stringify(tool)}, args: [], env: { HERE: ${JSON.stringify(dir)} } })`
  const worker = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'ignore', cwd: process.cwd() })
  const exited = once(worker, 'exit')
  const asleep = async () => (await processesMentioning(dir)).filter((one) => one.cmdline.includes('sleep')).length
  await expect.poll(asleep, { timeout: 10_000 }).toBe(1)
  worker.kill('SIGKILL')
  await exited
  await expect.poll(asleep).toBe(0)
})

test('a child has limits of its own: no core dump, which would hold plain rows, bounded memory, few open files', async () => {
  const path = await fakeTool(dir, 'limited', `/bin/cat /proc/$$/limits`)
  const { stdout } = await spawnTool({ path, args: [], stdoutLimit: 10_000 })
  const limitOf = (name: string) =>
    stdout
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.slice(name.length)
      .trim()
      .split(/\s+/)
      .slice(0, 2)
      .map(Number)
  expect(limitOf('Max core file size')).toEqual([0, 0])
  for (const [name, most] of [
    ['Max address space', childLimits.as],
    ['Max open files', childLimits.nofile],
  ] as const) {
    const [soft, hard] = limitOf(name) ?? []
    expect([name, soft]).toEqual([name, hard])
    expect([name, Number(hard) <= most]).toEqual([name, true])
  }
})
