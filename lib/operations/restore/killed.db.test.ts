import { afterAll, beforeAll, expect, test } from 'vitest'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { killTimeout, randomKills, runAndKill } from '#test/support/killing.ts'
import { requestBackup } from '../backup/request.ts'
import { requestRestore } from './request.ts'

let world: Operating
let backupId: string
beforeAll(async () => {
  world = await startOperating()
  const shop = await world.addDatabase(
    'shop',
    `CREATE TABLE item (id serial PRIMARY KEY, name text);
     INSERT INTO item (name) SELECT md5(i::text) FROM generate_series(1, 3000) i;
     CREATE TABLE sale AS SELECT i AS id, i % 7 AS item FROM generate_series(1, 3000) i;
     CREATE INDEX ON sale (item)`,
  )
  await world.addStorage('only')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: shop.id, via: 'cli' }))
  backupId = ended.backup_id ?? ''
})
afterAll(() => world.close())

const databases = async () => (await world.cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map((row) => row['datname'])
const request = (targetDbname: string) => requestRestore(world.catalog, admin, { backupId, targetDbname, via: 'cli' })

test.each(['database.created', 'database.recorded', 'table.loaded', 'table.loaded:2'])(
  'a restore into a new database that is killed at %s leaves no database behind, and says so',
  async (failPoint) => {
    const before = await databases()
    const { killed, ended } = await runAndKill(world, await request('again'), { failPoint })
    expect([killed, ended.state, ended.result]).toEqual([
      true,
      'interrupted',
      expect.objectContaining({ restore: expect.objectContaining({ outcome: 'failed' }) }),
    ])
    expect(await databases()).toEqual(before)
  },
)

test('a restore into a new database that is killed at any moment leaves nothing, or is complete', { timeout: killTimeout }, async () => {
  const before = await databases()
  const { ended, seconds } = await runAndKill(world, await request('unharmed'), { afterMs: 60_000 })
  expect(ended).toMatchObject({ state: 'succeeded', result: { restore: { outcome: 'completed' } } })
  await world.cluster.query('postgres', 'DROP DATABASE unharmed')
  const { seed, moments } = randomKills('restore into a new database')
  for (const moment of moments) {
    const { ended: row } = await runAndKill(world, await request('any'), { afterMs: moment * seconds * 1000 })
    const complete = row.state === 'succeeded'
    expect(await databases(), `seed ${seed}, killed at ${moment}`).toEqual(complete ? ['any', ...before].sort() : before)
    if (complete) await world.cluster.query('postgres', 'DROP DATABASE "any"')
  }
})
