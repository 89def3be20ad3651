import pg from 'pg'
import { fillSample } from '../../sample/fill.ts'
import { makeRole } from './catalogue.ts'
import { type Cluster, urlFor } from './cluster.ts'
import { ownSecret } from './own-secret.ts'

/** How Lifeboat reaches the sample database: an ordinary role that may create databases, so that restores have somewhere to go. */
export interface SampleConnection {
  host: string
  port: number
  dbname: string
  username: string
  password: string
}

const dbname = 'cap_table'
const username = 'cap_table_owner'

/** Makes `cap_table` in the sample cluster on first use; an unfinished one is made again. */
export async function prepareSample(home: string, cluster: Cluster, say: (line: string) => void): Promise<SampleConnection> {
  const password = ownSecret(home, 'postgres-sample-owner')
  const admin = new pg.Client({ connectionString: cluster.superuserUrl('postgres') })
  admin.on('error', () => undefined)
  await admin.connect()
  try {
    await makeRole(admin, username, password, 'CREATEDB')
    const found = await admin.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [dbname])
    if (found.rowCount === 0) {
      say('making the sample database cap_table (some 104,000 rows)')
      await admin.query('DROP DATABASE IF EXISTS cap_table_unfinished')
      await admin.query(`CREATE DATABASE cap_table_unfinished OWNER ${username}`)
      await fillSample(urlFor(cluster.port, username, password)('cap_table_unfinished'))
      await admin.query(`ALTER DATABASE cap_table_unfinished RENAME TO ${dbname}`)
    }
  } finally {
    await admin.end()
  }
  return { host: '127.0.0.1', port: cluster.port, dbname, username, password }
}
