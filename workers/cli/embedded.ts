import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Env } from '#lib/env.ts'
import { catalogueUrls, prepareCatalogue } from '../embedded/catalogue.ts'
import { type Cluster, findRunningCluster, startCluster } from '../embedded/cluster.ts'
import { findPlace } from '../embedded/place.ts'
import { runningSupervisor } from '../supervisor/only-one.ts'
import { talk } from './output.ts'

/** The embedded catalogue for one command: the running one, or started for as long as the command takes. */
export async function borrowEmbedded(env: Env): Promise<{ appUrl: string; samplePort: number | null; giveBack: () => Promise<void> }> {
  const home = env.LIFEBOAT_HOME
  const place = await findPlace(home)
  const running = findRunningCluster(home, place, 'catalogue')
  if (running !== null) {
    const urls = catalogueUrls(home, running)
    await assertAnswers(urls.appUrl)
    return { appUrl: urls.appUrl, samplePort: null, giveBack: async () => undefined }
  }
  if (runningSupervisor(home) !== null) throw new LifeboatError('unavailable', 'Lifeboat is starting or stopping.', 'Try again in a few seconds.')
  if (!existsSync(path.join(place.data, 'catalogue'))) talk(`Making a new catalogue in ${place.data}.`)
  const started: Cluster[] = []
  const giveBack = async () => {
    await untilNobodyElse(started[0])
    for (const cluster of started.toReversed()) await cluster.stop?.()
  }
  try {
    // only whoever starts it needs these, and the queue's library takes long to load
    const [{ migrateCatalog }, { ensureQueue }] = await Promise.all([import('#lib/catalog/migrate.ts'), import('#lib/queue/boss.ts')])
    const catalogue = await startCluster(home, place, 'catalogue')
    started.push(catalogue)
    const urls = await prepareCatalogue(home, catalogue)
    await migrateCatalog(urls.ownerUrl, { appUrl: urls.appUrl })
    await ensureQueue(urls.ownerUrl)
    const hasSample = env.LIFEBOAT_DEMO !== '0' && existsSync(path.join(place.data, 'sample', 'PG_VERSION'))
    if (hasSample) started.push(await startCluster(home, place, 'sample'))
    return { appUrl: urls.appUrl, samplePort: started[1]?.port ?? null, giveBack }
  } catch (error) {
    await giveBack()
    throw error
  }
}

async function assertAnswers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw new LifeboatError(
      'unavailable',
      'The embedded catalogue does not answer.',
      'Lifeboat may be starting or stopping: try again in a few seconds.',
      {
        cause: error,
      },
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Another command may have borrowed the server that this one started: it is let finish. */
async function untilNobodyElse(catalogue: Cluster | undefined): Promise<void> {
  if (catalogue === undefined) return
  const client = new pg.Client({ connectionString: catalogue.superuserUrl('postgres'), connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    for (;;) {
      const others = await client.query(`SELECT FROM pg_catalog.pg_stat_activity WHERE datname = 'lifeboat' AND backend_type = 'client backend'`)
      if (others.rowCount === 0) return
      await sleep(200)
    }
  } catch {
    // the server is gone already: there is nobody to wait for
  } finally {
    await client.end().catch(() => undefined)
  }
}
