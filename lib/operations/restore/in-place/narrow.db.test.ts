import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { takeSafety } from '#test/support/behind-safety.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { registerAs } from '#test/support/hosted.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../../backup/request.ts'
import { requestRestore } from '../request.ts'

const run = promisify(execFile)

/** A server with little room: for locks, and on its disk. */
let narrow: Cluster
let world: Operating
beforeAll(async () => {
  ;[world, narrow] = await Promise.all([
    startOperating(),
    startCluster({ settings: { max_locks_per_transaction: '10', max_connections: '12', max_wal_senders: '0' } }),
  ])
  await world.addStorage('disk')
})
afterAll(async () => {
  await world.close()
  await narrow.stop()
})

async function backUp(databaseId: string): Promise<string> {
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))
  expect([ended.state, ended.error]).toEqual([expect.stringMatching(/^succeeded/), null])
  return ended.backup_id ?? ''
}
async function restore(backupId: string, dbname: string, how: { force?: boolean; dryRun?: boolean } = {}): Promise<OperationRow> {
  const asked = await requestRestore(world.catalog, admin, { backupId, way: 'in_place', confirmation: dbname, via: 'cli', ...how })
  return world.operate(await takeSafety(world, asked))
}

test('a database with everything that has broken tools is restored in place, and nothing is lost', async () => {
  const odd = await world.addDatabase('odd')
  for (const statement of hostileSql) await world.cluster.query('odd', statement)
  const backupId = await backUp(odd.id)
  await world.cluster.query(
    'odd',
    `DELETE FROM typed; DROP TABLE "quote""double" CASCADE; UPDATE by_range SET v = v + 1; DROP EVENT TRIGGER notice;
    SELECT lo_unlink(oid) FROM pg_largeobject_metadata`,
  )
  const ended = await restore(backupId, 'odd')
  expect([ended.error, ended.result]).toMatchObject([null, { restore: { outcome: 'completed', losses: [] } }])
  expect(
    await world.cluster.query('odd', 'SELECT count(*)::int AS rows, (SELECT count(*)::int FROM pg_event_trigger) AS triggers FROM typed'),
  ).toEqual([{ rows: 200, triggers: 1 }])
})

test('more large objects than the server has locks for are a blocker with both numbers; forced, it fails, and nothing was changed', async () => {
  await narrow.createDatabase('objects')
  await narrow.query('objects', `SELECT lo_from_bytea(100000 + i, 'old') FROM generate_series(1, 2500) i`)
  const databaseId = await registerAs(world, narrow, 'objects', 'postgres')
  const backupId = await backUp(databaseId)
  await narrow.query('objects', `SELECT lo_put(100001, 0, 'new')`)
  const planned = await restore(backupId, 'objects', { dryRun: true })
  expect(planned.result).toMatchObject({ plan: { blocked: true } })
  const finding = (planned.result as { plan: { findings: { code: string; severity: string; message: string }[] } }).plan.findings.find(
    (one) => one.code === 'locks',
  )
  expect(finding).toMatchObject({ severity: 'blocker', message: expect.stringMatching(/2,5\d\d locks.*120/) })
  expect(await restore(backupId, 'objects')).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  const forced = await restore(backupId, 'objects', { force: true })
  expect(forced).toMatchObject({ state: 'failed', error: { message: /memory for locks/ }, result: { restore: { outcome: 'failed' } } })
  expect(
    await narrow.query('objects', `SELECT convert_from(lo_get(100001), 'UTF8') AS text, count(*)::int AS count FROM pg_largeobject_metadata`),
  ).toEqual([{ text: 'new', count: 2500 }])
})

test('a target disk that fills up during a restore in place leaves the database as it was, and nobody tries again', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  const small = await mkdtemp(path.join(tmpdir(), 'lifeboat-narrow-'))
  const { uid, gid } = await stat(narrow.dataDir)
  await run('mount', ['-t', 'tmpfs', '-o', `size=40m,mode=0700,uid=${uid},gid=${gid}`, 'tmpfs', small])
  try {
    await chown(small, uid, gid)
    await narrow.query('postgres', `CREATE TABLESPACE small LOCATION '${small}'`)
    await narrow.query('postgres', 'CREATE DATABASE bulky TEMPLATE template0 TABLESPACE small')
    await narrow.query('bulky', `CREATE TABLE heap AS SELECT i AS id, repeat('x', 1000) AS filler FROM generate_series(1, 18000) i`)
    const databaseId = await registerAs(world, narrow, 'bulky', 'postgres')
    const backupId = await backUp(databaseId)
    await narrow.query('bulky', 'UPDATE heap SET id = 0 WHERE id = 1')
    const ended = await restore(backupId, 'bulky')
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'disk_full' }, result: { restore: { outcome: 'failed' } } })
    expect(await narrow.query('bulky', 'SELECT count(*)::int AS rows, min(id) AS id FROM heap')).toEqual([{ rows: 18_000, id: 0 }])
    expect(await world.catalog.selectFrom('operations').select('id').where('retry_of', '=', ended.id).execute()).toEqual([])
    await narrow.query('postgres', 'DROP DATABASE bulky')
    await narrow.query('postgres', 'DROP TABLESPACE small')
  } finally {
    await run('umount', ['-l', small])
    await rm(small, { recursive: true, force: true })
  }
})
