import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { migrateCatalog } from '#lib/catalog/migrate.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Env } from '#lib/env.ts'
import { ensureQueue } from '#lib/queue/boss.ts'
import { prepareCatalogue } from '../embedded/catalogue.ts'
import { type Cluster, startCluster } from '../embedded/cluster.ts'
import { findPlace } from '../embedded/place.ts'
import { prepareSample, type SampleConnection } from '../embedded/sample.ts'
import type { Say } from './say.ts'

/** What web and worker stand on: the catalogue, migrated, and the sample database. */
export interface Foundations {
  appUrl: string
  sample: SampleConnection | null
  /** the servers that were started here, in the order of starting */
  clusters: { name: string; cluster: Cluster }[]
}

/** Servers that come up before something fails are in `clusters`, so that the caller can stop them. */
export async function layFoundations(env: Env, clusters: Foundations['clusters'], say: Say): Promise<Foundations> {
  const urls = await catalogueUrls(env, clusters, say)
  const ran = await migrateCatalog(urls.ownerUrl, { appUrl: urls.appUrl })
  await ensureQueue(urls.ownerUrl)
  say(ran.length === 0 ? 'catalogue: the schema is current' : `catalogue: migrated (${ran.join(', ')})`)
  const sample = env.LIFEBOAT_DEMO === '0' ? null : await startSample(env, clusters, say)
  return { appUrl: urls.appUrl, sample, clusters }
}

async function catalogueUrls(env: Env, clusters: Foundations['clusters'], say: Say): Promise<{ appUrl: string; ownerUrl: string }> {
  if (env.DATABASE_URL !== undefined) return { appUrl: env.DATABASE_URL, ownerUrl: env.DATABASE_MIGRATE_URL ?? env.DATABASE_URL }
  const place = await findPlace(env.LIFEBOAT_HOME)
  say('catalogue: starting an embedded Postgres; the first time it is made')
  const cluster = await startCluster(env.LIFEBOAT_HOME, place, 'catalogue')
  clusters.push({ name: 'catalogue', cluster })
  say(`catalogue: embedded Postgres on 127.0.0.1:${cluster.port}, files in ${place.data}`)
  return prepareCatalogue(env.LIFEBOAT_HOME, cluster)
}

async function startSample(env: Env, clusters: Foundations['clusters'], say: Say): Promise<SampleConnection> {
  const place = await findPlace(env.LIFEBOAT_HOME)
  const cluster = await startCluster(env.LIFEBOAT_HOME, place, 'sample')
  clusters.push({ name: 'sample', cluster })
  const sample = await prepareSample(env.LIFEBOAT_HOME, cluster, say)
  say(`sample: database cap_table on 127.0.0.1:${cluster.port}`)
  return sample
}

/** Hands a secret to a child by file, so that it stands in no process's environment. Returns the path, mode 0400. */
export function secretFile(home: string, name: string, text: string): string {
  const file = path.join(home, 'keys', name)
  try {
    rmSync(file, { force: true })
    writeFileSync(file, `${text}\n`, { mode: 0o400, flag: 'wx' })
    chmodSync(file, 0o400)
  } catch (error) {
    throw new LifeboatError(
      'failed',
      `${file} could not be written: ${String(error)}`,
      'Make LIFEBOAT_HOME writable for the account that runs Lifeboat.',
    )
  }
  return file
}
