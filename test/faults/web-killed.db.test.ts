import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { everyKind } from '#test/support/every-kind.ts'
import { type Console, startConsole } from '#test/support/console-users.ts'
import { finishedOperation } from '#test/support/delivered-worker.ts'
import { eventually } from '#test/support/eventually.ts'
import { enqueueRestore } from '#test/support/operations.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import type { RunContext } from '#lib/operations/run-context.ts'
import { startWorker, type Worker } from '#workers/worker.ts'

let web: Console
let staging: string
let worker: Worker
let current: RunContext | null = null
const finish = new AbortController()
const children: ChildProcess[] = []
beforeEach(async () => {
  web = await startConsole()
  staging = mkdtempSync(path.join(tmpdir(), 'lifeboat-web-killed-'))
  const run: Parameters<typeof startWorker>[0]['runners']['check'] = async (context) => {
    current = context
    context.log('before the web died')
    await sleep(600_000, undefined, { signal: AbortSignal.any([context.signal, finish.signal]) }).catch(() => undefined)
    context.signal.throwIfAborted()
    return { result: {}, findings: [] }
  }
  worker = await startWorker({
    url: web.url,
    runners: everyKind(run),
    concurrency: 1,
    stagingRoot: staging,
    healthPort: 0,
    version: 'test',
    machine: async () => ({ keys: null, tools: [], storageIds: [] }),
  })
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  await worker.stop()
  await web.close()
  rmSync(staging, { recursive: true })
})

async function startWeb(): Promise<{ port: number; child: ChildProcess }> {
  const { PATH, DATABASE_URL, LIFEBOAT_HOME } = process.env
  const child = spawn(process.execPath, ['--conditions=react-server', path.resolve('test/support/web-entry.ts')], {
    env: { NODE_ENV: 'test', LOG_LEVEL: 'silent', PATH, DATABASE_URL, LIFEBOAT_HOME, LIFEBOAT_AUDIT_KEY: web.auditKey.toString('base64') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let said = ''
  child.stdout?.on('data', (part: Buffer) => {
    said += part.toString()
  })
  const port = await eventually(async () => /ready (\d+)/.exec(said)?.[1])
  return { port: Number(port), child }
}

/** Follows the stream until it breaks or ends. */
async function follow(port: number, id: string, cookie: string, lastId = '') {
  const headers = { cookie, host: '127.0.0.1:3000', ...(lastId === '' ? {} : { 'last-event-id': lastId }) }
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/operations/${id}/events`, { headers })
  expect(response.status).toBe(200)
  const seen = { text: '', broken: false, over: Promise.resolve() }
  seen.over = (async () => {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return
      seen.text += value
    }
  })().catch(() => {
    seen.broken = true
  })
  return seen
}

test('a web process that is killed harms no operation, and whoever followed it resumes at another one where he was', {
  timeout: 120_000,
}, async () => {
  const { cookie } = await web.person('operator')
  const { id } = await enqueueRestore(web.catalog, 'shop')
  const first = await startWeb()
  const before = await follow(first.port, id, cookie)
  await eventually(async () => before.text.includes('before the web died'))
  first.child.kill('SIGKILL')
  await before.over
  expect(before.broken).toBe(true)
  expect(before.text).not.toContain('event: end')

  current?.log('while no web was there')
  const second = await startWeb()
  expect(await getOperation(web.catalog, id)).toMatchObject({ state: 'running', attempt: 1 })
  const lastId = [...before.text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? ''
  const after = await follow(second.port, id, cookie, lastId)
  await eventually(async () => after.text.includes('while no web was there'))
  finish.abort()
  await after.over
  expect(after.broken).toBe(false)
  expect(after.text).toContain('event: end')
  expect(after.text).not.toContain('before the web died')
  expect(await finishedOperation(web, id)).toMatchObject({ state: 'succeeded', attempt: 1 })
})
