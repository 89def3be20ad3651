import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { openClient } from './connection.ts'
import { lockTarget, targetHolder } from './target-lock.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
  await cluster.createDatabase('shop')
})
afterAll(() => cluster.stop())

const from = (dbname: string, name: string) => cluster.connection(dbname, { applicationName: `lifeboat/${name}` })

test('a name on a server is held by one, and the next one is told by whom, whichever database it comes in by', async () => {
  const first = await lockTarget(from('shop', 'first'), 'target')
  for (const door of ['shop', 'postgres']) {
    await expect(lockTarget(from(door, 'second'), 'target')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/lifeboat\/first \(server process \d+\)/),
    })
  }
  const another = await lockTarget(from('postgres', 'second'), 'another target')
  await another.release()
  await first.release()
  expect(first.lost.aborted, 'to let go is not to lose').toBe(false)
  await (await lockTarget(from('postgres', 'second'), 'target')).release()
})

test('of many who ask at once by different doors no two get the name', async () => {
  const asked = await Promise.allSettled(
    ['a', 'b', 'c', 'd', 'e', 'f'].map((each, at) => lockTarget(from(at % 2 ? 'shop' : 'postgres', each), 'wanted')),
  )
  const got = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  await Promise.all(got.map((one) => one.release()))
  expect(got.length).toBeLessThanOrEqual(1)
  for (const one of asked) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' })
})

test('the holder is seen without taking anything, and does not see itself', async () => {
  const lock = await lockTarget(from('shop', 'holder'), 'seen')
  const client = await openClient(from('postgres', 'looker'))
  expect(await targetHolder(client, 'seen', null)).toMatchObject({ applicationName: 'lifeboat/holder' })
  expect(await targetHolder(client, 'seen', 'lifeboat/holder')).toBeNull()
  expect(await targetHolder(client, 'unseen', null)).toBeNull()
  await client.end()
  await lock.release()
})

test('a lock whose session ends is lost, and says so', async () => {
  const lock = await lockTarget(from('shop', 'unlucky'), 'lost')
  const lost = once(lock.lost, 'abort')
  await cluster.query('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat/unlucky'`)
  await lost
  expect(lock.lost.reason).toMatchObject({ code: 'unreachable', message: expect.stringContaining('“lost”') })
  await lock.release()
})
