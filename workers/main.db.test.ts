import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { eventually } from '#test/support/eventually.ts'
import { listKeys } from '#lib/catalog/keys.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'

let it: TestCatalog
let home: string
beforeEach(async () => {
  it = await createTestCatalog()
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-home-'))
})
afterEach(async () => {
  await it.close()
  rmSync(home, { recursive: true })
})

function startMain(): { kill: (signal: NodeJS.Signals) => void; ended: Promise<number | null>; said: () => string } {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: { NODE_ENV: 'test', PATH: process.env.PATH ?? '', LIFEBOAT_ROOT: home, LIFEBOAT_HOME: home, DATABASE_URL: it.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  return { kill: (signal) => child.kill(signal), ended: once(child, 'exit').then(([code]) => code as number | null), said: () => said }
}

test('a worker makes its key once, tells what it has, and leaves within its time when told to', async () => {
  const first = startMain()
  try {
    const row = await eventually(async () => (await listLiveWorkers(it.catalog))[0])
    const keyFile = path.join(home, 'keys', 'lifeboat.key')
    expect(statSync(keyFile).mode & 0o777).toBe(0o400)
    const known = (await listKeys(it.catalog)).filter((key) => key.purpose === 'active')
    expect(row.key_ids).toEqual(known.map((key) => key.id))
    expect(row.sealing_key).toContain('BEGIN PUBLIC KEY')
    expect(first.said()).not.toContain(readFileSync(keyFile, 'utf8').trim())
  } finally {
    first.kill('SIGTERM')
  }
  expect(await first.ended).toBe(0)
  expect(await listLiveWorkers(it.catalog)).toEqual([])
  expect(
    readdirSync(home)
      .filter((name) => name === 'staging')
      .flatMap((name) => readdirSync(path.join(home, name))),
  ).toEqual([])
})

test('a worker that lost its key says so and makes no second one', async () => {
  const first = startMain()
  await eventually(async () => (await listLiveWorkers(it.catalog))[0])
  first.kill('SIGTERM')
  await first.ended
  rmSync(path.join(home, 'keys', 'lifeboat.key'))

  const second = startMain()
  try {
    const row = await eventually(async () => (await listLiveWorkers(it.catalog))[0])
    expect(row.key_ids).toEqual([])
    expect(second.said()).toContain('master key')
    expect(readdirSync(path.join(home, 'keys'))).not.toContain('lifeboat.key')
  } finally {
    second.kill('SIGTERM')
    await second.ended
  }
})
