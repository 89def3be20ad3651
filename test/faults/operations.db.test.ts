import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#test/support/eventually.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { fakeTool } from '#test/support/processes.ts'
import { startTcpProxy, type TcpProxy } from '#test/support/tcp-proxy.ts'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { updateDatabase } from '#lib/catalog/databases.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { markerKey } from '#lib/engine/storage/marker.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'

const run = promisify(execFile)
let world: Operating
let proxy: TcpProxy
let shop: { id: string }
let disk: TestStorage
let dir: string
beforeAll(async () => {
  world = await startOperating()
  proxy = await startTcpProxy(world.cluster)
  dir = await mkdtemp(path.join(tmpdir(), 'lifeboat-faults-'))
  shop = await world.addDatabase('shop', `CREATE TABLE sales AS SELECT n, repeat(md5(n::text), 10) AS what FROM generate_series(1, 50000) n`)
  await updateDatabase(world.catalog, shop.id, { port: proxy.port })
  disk = await world.addStorage('disk')
})
afterAll(async () => {
  await proxy?.close()
  await world?.close()
  await rm(dir, { recursive: true })
})

const request = (dryRun = false) => requestBackup(world.catalog, admin, { databaseId: shop.id, storageIds: [disk.id], dryRun, via: 'cli' })
const restore = (backup: BackupRow, targetDbname: string, dryRun = false) =>
  requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname, dryRun, via: 'cli' })
const databases = async () => (await world.cluster.query('postgres', 'SELECT oid, datname FROM pg_database ORDER BY 2')).map((row) => row['datname'])
/** Takes the server's next transaction id; whoever writes takes one too. */
const nextTransaction = async () => Number((await world.cluster.query('postgres', 'SELECT pg_current_xact_id()::text AS id'))[0]?.['id'])
async function rowOf(ended: OperationRow): Promise<BackupRow> {
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const row = await getBackup(world.catalog, ended.backup_id ?? '')
  if (row === null) throw new Error('the backup has no row')
  return row
}
const backUp = async () => rowOf(await world.operate(await request()))

/** Every file of the storage with its size and the moment it was last changed. */
async function stored(): Promise<string[]> {
  const names = await readdir(disk.directory, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(files.sort().map(async (file) => `${file} ${(await stat(file)).size} ${(await stat(file)).mtimeMs}`))
}
/** Slows the source down and acts once when a table's data is being written into `staging`. */
async function duringTheDump(staging: string, act: () => Promise<unknown>): Promise<void> {
  await eventually(async () => {
    const names = await readdir(staging, { recursive: true }).catch(() => [])
    return names.some((name) => /\d+\.dat$/.test(name))
  })
  await act()
}

test('a staging disk that fills up during the dump ends that backup, leaves nothing, and other backups go on', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  const small = path.join(dir, 'small')
  await mkdir(small)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', small])
  try {
    const [storedBefore, other] = [await stored(), await world.addDatabase('other', 'CREATE TABLE t AS SELECT 1 AS id')]
    proxy.down = { delayMs: 10 }
    const running = world.operate(await request(), { stagingRoot: small })
    let filled = false
    await duringTheDump(small, async () => {
      const filler = await open(path.join(small, 'filler'), 'w')
      const full = await fill(filler).finally(() => filler.close())
      filled = full
    })
    const meanwhile = await requestBackup(world.catalog, admin, { databaseId: other.id, storageIds: [disk.id], via: 'cli' })
    const [ended, unaffected] = await Promise.all([running, world.operate(meanwhile)])
    expect(filled, 'the fault was hit').toBe(true)
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'disk_full' }, backup_id: null })
    expect(await readdir(small)).toEqual(['filler'])
    expect(unaffected).toMatchObject({ state: 'succeeded', error: null })
    const left = (await stored()).filter((one) => !storedBefore.includes(one) && one.includes('/shop-'))
    expect(left).toEqual([])
    // a full disk stays full: nobody tries again by himself
    expect(await retryOf(ended.id)).toBe(undefined)
  } finally {
    proxy.down = 'clear'
    await run('umount', [small])
  }
  await backUp()
})

test('a storage whose disk fills up loses its copy only, and no byte of it stays there', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  const narrow = await world.addStorage('narrow')
  // the room is looked at before: it fills up only where the last backup was far smaller
  const before = await world.operate(await requestBackup(world.catalog, admin, { databaseId: shop.id, storageIds: [disk.id], via: 'cli' }))
  await world.catalog
    .updateTable('backups')
    .set({ stored_bytes: 1 })
    .where('id', '=', before.backup_id ?? '')
    .execute()
  const marker = await readFile(path.join(narrow.directory, markerKey))
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', narrow.directory])
  try {
    await writeFile(path.join(narrow.directory, markerKey), marker)
    const asked = await requestBackup(world.catalog, admin, { databaseId: shop.id, storageIds: [disk.id, narrow.id], via: 'cli' })
    const ended = await world.operate(asked)
    expect(ended).toMatchObject({ state: 'succeeded_with_findings', findings: [{ code: 'copy_failed', message: expect.stringContaining('full') }] })
    expect(
      (await readdir(narrow.directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name),
    ).toEqual([markerKey])
  } finally {
    await run('umount', [narrow.directory])
  }
})

test('too little staging space is told before the dump begins, with the room that it needs', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  const tiny = path.join(dir, 'tiny')
  await mkdir(tiny)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', tiny])
  try {
    const before = await stored()
    const ended = await world.operate(await request(), { stagingRoot: tiny })
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'blocked', message: expect.stringMatching(/MiB free.*needs about \d+ MiB/) } })
    expect(await stored()).toEqual(before)
    expect(await readdir(tiny)).toEqual([])
  } finally {
    await run('umount', [tiny])
  }
})

test('a server newer than every pg_dump of the machine is refused by both majors, and nothing is stored', async () => {
  const tool = (name: string) => fakeTool(dir, name, `echo "${name} (PostgreSQL) 14.25"`)
  await Promise.all([tool('pg_dump'), tool('pg_restore')])
  const tools = await findTools([dir])
  expect(tools.map((one) => [one.tool, one.major])).toEqual(expect.arrayContaining([['pg_dump', 14]]))
  const before = await stored()
  await world.catalog.updateTable('databases').set({ server_version_num: null }).where('id', '=', shop.id).execute()
  expect(await world.operate(await request(), { tools })).toMatchObject({
    state: 'failed',
    error: { code: 'blocked', message: expect.stringMatching(/15.*14/), hint: expect.stringContaining('postgresql-client-15') },
  })
  expect(await stored()).toEqual(before)
  // once the server's version is known, such a machine does not even begin: the operation waits for one that can
  await updateDatabase(world.catalog, shop.id, { server_version_num: 150_020 })
  const waiting = await request()
  await expect(world.operate(waiting, { tools })).rejects.toThrow('could not be claimed')
  expect(await getOperation(world.catalog, waiting.id)).toMatchObject({ state: 'queued', attempt: 0 })
  await rowOf(await world.operate(waiting))
})

test('a source that crashes during the dump fails the backup, which is tried again once and then holds', async () => {
  const before = await stored()
  proxy.down = { delayMs: 10 }
  const staging = path.join(dir, 'crashing')
  const running = world.operate(await request(), { stagingRoot: staging })
  await duringTheDump(staging, () => world.cluster.crash())
  const ended = await running
  proxy.down = 'clear'
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'unreachable' }, backup_id: null })
  expect(await stored()).toEqual(before)
  await world.cluster.start()
  const retry = await retryOf(ended.id)
  const again = await world.operate({ id: retry?.id ?? '' })
  const backup = await rowOf(again)
  expect(again.attempt_token).not.toBe(ended.attempt_token)
  expect(backup.rows).toBe(50_000)
  expect(await retryOf(again.id)).toBe(undefined)
})

test.each([
  ['an entry of another backup', 'e000001', 'corrupt'],
  ['the manifest of another backup', 'manifest', 'corrupt'],
] as const)('%s in the place of its own is corrupt, and the restore refuses before the target is touched', async (_what, object, verdict) => {
  const [older, backup] = [await backUp(), await backUp()]
  const at = (one: BackupRow) => path.join(disk.directory, one.path, object)
  await rm(at(backup))
  await copyFile(at(older), at(backup))
  const verified = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
  expect(verified).toMatchObject({ state: 'succeeded_with_findings', result: { verdict } })
  const before = await databases()
  await expect(restore(backup, 'never').then((one) => world.operate(one))).rejects.toMatchObject({ code: 'missing' })
  // also for a restore that looks before anyone has noticed
  await world.catalog.updateTable('copies').set({ state: 'stored' }).where('backup_id', '=', backup.id).execute()
  const asked = await nextTransaction()
  expect(await world.operate(await restore(backup, 'never'))).toMatchObject({ state: 'failed', error: { code: 'corrupt' } })
  expect(await nextTransaction(), 'nothing was written on the server, also nothing that was taken back').toBe(asked + 1)
  expect(await databases()).toEqual(before)
  // the older one is as good as it was
  expect(await world.operate(await restore(older, `older_${object}`))).toMatchObject({ result: { restore: { outcome: 'completed' } } })
})

test('an extension that the target does not have blocks the restore by its name before anything is created', async () => {
  await world.cluster.query('shop', `INSERT INTO pg_extension VALUES (99999, 'not_installed', 10, 2200, false, '1.0', NULL, NULL)`)
  const backup = await backUp().finally(() => world.cluster.query('shop', 'DELETE FROM pg_extension WHERE oid = 99999'))
  const before = await databases()
  const planned = await world.operate(await restore(backup, 'extended', true))
  const { plan } = planned.result as { plan: { blocked: boolean; findings: { code: string; message: string }[] } }
  expect(plan.blocked).toBe(true)
  expect(plan.findings.find((one) => one.code === 'extension_missing')?.message).toContain('not_installed')
  expect(await world.operate(await restore(backup, 'extended'))).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  expect(await databases()).toEqual(before)
})

test('tools below their floor open no archive: a restore with them is refused, with the version to install', async () => {
  const backup = await backUp()
  const tools = (await findTools()).map((tool) => ({ ...tool, version: '15.19', ok: false }))
  const before = await databases()
  expect(await world.operate(await restore(backup, 'outdated'), { tools })).toMatchObject({
    state: 'failed',
    error: { code: 'blocked', message: expect.stringContaining('15.19') },
  })
  expect(await databases()).toEqual(before)
})

test('dry runs leave every object of the storage as it was, to the size and the moment', async () => {
  const backup = await backUp()
  const before = await stored()
  expect(before.length).toBeGreaterThan(4)
  expect(await world.operate(await request(true))).toMatchObject({ error: null, result: { plan: { blocked: false } } })
  expect(await world.operate(await restore(backup, 'planned', true))).toMatchObject({ error: null, result: { plan: { blocked: false } } })
  expect(await stored()).toEqual(before)
})

async function retryOf(id: string): Promise<{ id: string } | undefined> {
  return world.catalog.selectFrom('operations').select('id').where('retry_of', '=', id).executeTakeFirst()
}

/** true when the disk has not a byte left. */
async function fill(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  for (let size = 1 << 20; size >= 1; size >>= 4) {
    try {
      for (;;) if ((await file.write(Buffer.alloc(size))).bytesWritten < size) break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  return true
}
