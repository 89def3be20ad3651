import pg from 'pg'
import { findRunningCluster } from '#workers/embedded/cluster.ts'
import { ownSecret } from '#workers/embedded/own-secret.ts'
import { findPlace } from '#workers/embedded/place.ts'

/** One statement on the sample server, as the owner of its databases: what an application, or a slip of the hand, would do. */
export async function sampleQuery(home: string, dbname: string, sql: string): Promise<Record<string, unknown>[]> {
  const cluster = findRunningCluster(home, await findPlace(home), 'sample')
  if (cluster === null) throw new Error('the sample server does not run')
  const client = new pg.Client({
    host: '127.0.0.1',
    port: cluster.port,
    user: 'cap_table_owner',
    password: ownSecret(home, 'postgres-sample-owner'),
    database: dbname,
  })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
