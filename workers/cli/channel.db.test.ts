import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, startHttpSink } from '#test/support/http-sink.ts'

const program = path.join(import.meta.dirname, '../../bin/lifeboat')
const key = randomBytes(32).toString('base64')
let it: TestCatalog
let home: string
let sink: HttpSink
beforeAll(async () => {
  it = await createTestCatalog()
  sink = await startHttpSink()
  home = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-cli-'))
})
afterAll(async () => {
  await sink?.close()
  await it?.close()
  await rm(home, { recursive: true, force: true })
})

async function lifeboat(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const place = { LIFEBOAT_ROOT: home, LIFEBOAT_HOME: home, DATABASE_URL: it.url, LIFEBOAT_KEY: key, LIFEBOAT_SECRET: 'of the web' }
  const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'test' as const, ...place }
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd: os.tmpdir(), env }, (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }))
  })
}

async function fileOf(text: string): Promise<string> {
  const file = path.join(home, randomBytes(4).toString('hex'))
  await writeFile(file, `${text}\n`)
  return file
}

test('a channel is added, tried with the true answer of the other side, changed, paused and removed; its address is never shown', async () => {
  const url = await fileOf(`${sink.url}/hidden-token`)
  expect(await lifeboat('channel', 'add', 'webhook', 'hook', '--url-file', url)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Only https'),
  })
  const added = await lifeboat('channel', 'add', 'webhook', 'hook', '--url-file', url, '--allow-private', '--yes', '--severity', 'critical', '--json')
  expect(JSON.parse(added.stdout)).toMatchObject({
    channel: { name: 'hook', severities: ['critical'], privateAllowed: true, speaksAlone: true },
    signingKey: expect.stringMatching(/^[\w-]{43}$/),
  })
  expect(await lifeboat('channel', 'test', 'hook')).toMatchObject({ code: 0, stdout: expect.stringContaining('It arrived.') })
  expect(sink.requests.map((one) => one.path)).toEqual(['/hidden-token'])
  sink.mood = { status: 500, body: 'hidden words' }
  const failed = await lifeboat('channel', 'test', 'hook')
  expect(failed).toMatchObject({ code: 3, stdout: expect.stringMatching(/It did not arrive\..*500/) })
  const renamed = await lifeboat('channel', 'change', 'hook', '--name', 'alerts', '--digest', 'daily', '--topic', 'alert', 'recovered', '--json')
  expect(JSON.parse(renamed.stdout)).toMatchObject({ channel: { name: 'alerts', digest: 'daily', topics: ['alert', 'recovered'] } })
  const listed = await lifeboat('channel', 'list')
  expect(listed.stdout).toMatch(/alerts +webhook +127\.0\.0\.1:\d+ +critical alert recovered daily digest +fails since .*500/)
  for (const { stdout, stderr } of [added, failed, renamed, listed]) expect(stdout + stderr).not.toContain('hidden')
  expect((await lifeboat('channel', 'pause', 'alerts')).stdout).toContain('is paused')
  expect(await lifeboat('channel', 'remove', 'alerts')).toMatchObject({ code: 5 })
  expect(await lifeboat('channel', 'remove', 'alerts', '--yes')).toMatchObject({ code: 0 })
  expect((await lifeboat('channel', 'list')).stdout).toContain('Nobody is told of anything.')
})

test('who is called and when, and the service that hears of Lifeboat, are set and shown', async () => {
  await Promise.all([people(), service()])
})

async function people(): Promise<void> {
  const contact = ['contact', 'add', 'Ada', '--level', 'cto']
  expect(await lifeboat(...contact)).toMatchObject({ code: 2, stderr: expect.stringContaining('needs an e-mail address or a phone number') })
  expect((await lifeboat(...contact, '--phone', '+49 30 1', '--email', 'ada@example.com')).stdout).toMatch(/cto +Ada +\+49 30 1 +ada@example\.com/)
  const set = await lifeboat('escalation', 'set', '--dba', '5', '--json')
  expect(JSON.parse(set.stdout)).toMatchObject({ escalation: { policy: { on: true, minutes: { dba: 5, devops: 30 } }, mailMissing: true } })
  expect(set.stderr).toContain('no mail channel is set up')
  expect(await lifeboat('escalation', 'set', '--dba', '90')).toMatchObject({ code: 2, stderr: expect.stringContaining('no earlier than') })
  expect(await lifeboat('contact', 'change', 'Ada')).toMatchObject({ code: 2, stderr: expect.stringContaining('What is to change?') })
  const changed = await lifeboat('contact', 'change', 'Ada', '--name', 'Ada L.', '--no-email', '--note', 'nights')
  expect(changed.stdout).toMatch(/cto +Ada L\. +\+49 30 1 +- +nights/)
  expect(await lifeboat('contact', 'change', 'Ada L.', '--no-phone')).toMatchObject({ code: 2 })
  expect((await lifeboat('contact', 'remove', 'Ada L.', '--yes')).code).toBe(0)
}

async function service(): Promise<void> {
  expect(await lifeboat('heartbeat', 'test')).toMatchObject({ code: 4 })
  const url = await fileOf('https://beats.example.com/hidden-token')
  const beat = await lifeboat('heartbeat', 'set', '--url-file', url, '--every', '600', '--json')
  expect(JSON.parse(beat.stdout)).toMatchObject({ heartbeat: { host: 'beats.example.com', everySeconds: 600 } })
  const silent = await lifeboat('heartbeat', 'set', '--silent-while-critical')
  expect(silent.stdout).toContain('beats.example.com hears of Lifeboat every 600 s, unless a critical alert is open.')
  expect(silent.stdout + beat.stdout).not.toContain('hidden')
  expect((await lifeboat('heartbeat', 'remove', '--yes')).stdout).toContain('No service hears of Lifeboat')
}
