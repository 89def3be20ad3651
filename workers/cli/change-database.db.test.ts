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
  await it.catalog
    .insertInto('databases')
    .values({ id: randomUUID(), name: 'shop', dbname: 'shop', host: 'localhost', port: 5432, username: 'u', ssl_mode: 'disable' })
    .execute()
})
afterAll(async () => {
  await it?.close()
  await rm(home, { recursive: true, force: true })
})

async function change(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'test' as const, LIFEBOAT_ROOT: home, LIFEBOAT_HOME: home, DATABASE_URL: it.url }
  return new Promise((resolve) => {
    const child = execFile(program, ['database', 'change', 'shop', ...args], { cwd: os.tmpdir(), env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

const tagsNow = async () => (await it.catalog.selectFrom('databases').select('tags').executeTakeFirstOrThrow()).tags

test('a tag that goes is asked about and goes on for its duties; the trail says what the tags were', async () => {
  expect((await change('--tag', 'financial', 'eu')).code).toBe(0)
  const refused = await change('--tag', 'eu', '--json')
  expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
    5,
    { error: { message: expect.stringContaining('Take the tag financial off shop?') } },
  ])
  expect(await tagsNow()).toEqual(['financial', 'eu'])
  const told = await change('--tag', 'eu', '--yes')
  expect([told.code, told.stdout], told.stderr).toEqual([0, expect.stringContaining('Duties for financial keep its backups until')])
  expect(await tagsNow()).toEqual(['eu'])
  // no duty knows it by that
  expect(JSON.parse((await change('--tag', 'none', '--yes', '--json')).stdout)).toMatchObject({ database: { ending: [] } })
  expect((await change('--allowed-region', 'eu-central')).code).toBe(0)
  const trail = await it.catalog.selectFrom('audit').select('detail').where('action', '=', 'database.change').orderBy('seq').execute()
  expect(trail.map((row) => row.detail)).toEqual([
    { fields: ['tags'], tags: { before: [], after: ['financial', 'eu'] } },
    { fields: ['tags'], tags: { before: ['financial', 'eu'], after: ['eu'] } },
    { fields: ['tags'], tags: { before: ['eu'], after: [] } },
    { fields: ['allowedRegions'] },
  ])
})
