import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'

const program = path.join(import.meta.dirname, '../../bin/lifeboat')
let it: TestCatalog
let home: string
beforeAll(async () => {
  it = await createTestCatalog()
  home = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-cli-'))
  const server = { host: 'localhost', port: 5432, username: 'u', ssl_mode: 'disable' as const }
  await it.catalog
    .insertInto('databases')
    .values({ id: randomUUID(), name: 'shop', dbname: 'shop', ...server })
    .execute()
  const near = { id: randomUUID(), name: 'near', kind: 'local' as const, config: JSON.stringify({ path: '/tmp/x' }) }
  await it.catalog.insertInto('storages').values(near).execute()
})
afterAll(async () => {
  await it?.close()
  await rm(home, { recursive: true, force: true })
})

async function lifeboat(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'test' as const, LIFEBOAT_ROOT: home, LIFEBOAT_HOME: home, DATABASE_URL: it.url }
  return new Promise((resolve) => {
    const child = execFile(program, ['schedule', ...args], { cwd: os.tmpdir(), env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

test('the standard plan, a change with a preview, a pause and an end, each told in words and as JSON', async () => {
  const standard = await lifeboat('standard', 'shop')
  expect(standard.stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'DATABASE | TIER | WHEN | NEXT (UTC) | LAST | STORAGES',
    expect.stringMatching(/^shop \| daily \| At 03:00, every day, UTC \| 20\d\d-\d\d-\d\d 03:00 \| - \| all$/),
    expect.stringMatching(/^shop \| weekly \| At 01:00, only on Sunday, UTC \| /),
    expect.stringMatching(/^shop \| monthly \| At 02:00, on day 1 of the month, UTC \| /),
    '',
  ])
  const preview = JSON.parse((await lifeboat('preview', '30 2 * * *', '--time-zone', 'europe/berlin', '--json')).stdout) as {
    preview: { next: string[] }
  }
  expect(preview.preview).toMatchObject({ words: 'At 02:30, every day, Europe/Berlin', timeZone: 'Europe/Berlin' })
  const changed = await lifeboat('change', 'shop', 'daily', '--cron', '30 2 * * *', '--time-zone', 'Europe/Berlin', '--storage', 'near', '--json')
  expect(JSON.parse(changed.stdout)).toMatchObject({ schedules: [{ tier: 'daily', storages: [{ name: 'near' }], next: preview.preview.next }] })
  expect((await lifeboat('pause', 'shop', 'weekly')).stdout).toMatch(/weekly .* paused/)
  expect((await lifeboat('remove', 'shop', 'monthly', '--yes')).stdout).not.toContain('monthly')
  const left = JSON.parse((await lifeboat('list', '--database', 'shop', '--json')).stdout) as { schedules: { tier: string }[] }
  expect(left.schedules.map((one) => one.tier)).toEqual(['daily', 'weekly'])
})

test('what cannot be is refused with its code and what to do', async () => {
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await lifeboat(...args)
    return [code, `${stdout}${stderr}`.trim()]
  }
  expect(await refused('add', 'shop', 'monthly', '--cron', '*/5 * * * *')).toEqual([2, expect.stringContaining('This runs every 5 minutes.')])
  expect(await refused('change', 'shop', 'daily')).toEqual([2, expect.stringContaining('Nothing is to be changed.')])
  expect(await refused('change', 'shop', 'daily', '--time-zone', 'Mars/Base')).toEqual([2, expect.stringContaining('There is no time zone')])
  expect(await refused('add', 'shop', 'daily')).toEqual([5, expect.stringContaining('has a daily schedule already')])
  expect(await refused('pause', 'shop', 'monthly')).toEqual([4, expect.stringContaining('It has no monthly schedule.')])
  expect(await refused('add', 'shop', 'monthly', '--storage', 'moon')).toEqual([4, expect.stringContaining('There is no storage "moon".')])
})
