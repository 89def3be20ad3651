import pg from 'pg'
import { roundLock } from '#lib/watch/round.ts'
import { catalogueUrls } from '#workers/embedded/catalogue.ts'
import { findRunningCluster } from '#workers/embedded/cluster.ts'
import { findPlace } from '#workers/embedded/place.ts'

/**
 * Keeps every process from making a round of the watch, as if all had died ten minutes ago, until `see` is called: holds what a round holds, and
 * sets the time of the last one back.
 */
export async function blindWatch(home: string): Promise<{ see: () => Promise<void> }> {
  const cluster = findRunningCluster(home, await findPlace(home), 'catalogue')
  if (cluster === null) throw new Error('the catalogue does not run')
  const client = new pg.Client({ connectionString: catalogueUrls(home, cluster).ownerUrl })
  await client.connect()
  await client.query('SELECT pg_advisory_lock($1)', [roundLock.toString()])
  const ago = new Date(Date.now() - 600_000).toISOString()
  await client.query(`UPDATE lifeboat.settings SET value = value || jsonb_build_object('lastRoundAt', $1::text) WHERE key = 'watch_state'`, [ago])
  return { see: () => client.end() }
}
