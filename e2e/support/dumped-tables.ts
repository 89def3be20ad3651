import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { findRunningCluster } from '#workers/embedded/cluster.ts'
import { ownSecret } from '#workers/embedded/own-secret.ts'
import { findPlace } from '#workers/embedded/place.ts'

const run = promisify(execFile)

/**
 * Dumps a database of the sample server with pg_dump itself, and answers a SHA-256 for each table's rows, in any order: none of
 * Lifeboat's own reading or comparing takes part.
 */
export async function dumpedTables(home: string, dbname: string): Promise<Record<string, string>> {
  const cluster = findRunningCluster(home, await findPlace(home), 'sample')
  if (cluster === null) throw new Error('the sample server does not run')
  const { stdout } = await run('/usr/lib/postgresql/15/bin/pg_dump', ['--data-only', '--no-owner'], {
    env: {
      NODE_ENV: 'test',
      PGHOST: '127.0.0.1',
      PGPORT: String(cluster.port),
      PGUSER: 'cap_table_owner',
      PGPASSWORD: ownSecret(home, 'postgres-sample-owner'),
      PGDATABASE: dbname,
    },
    maxBuffer: 1 << 28,
  })
  const tables: Record<string, string> = {}
  for (const [, table = '', rows = ''] of stdout.matchAll(/^COPY (.+) \(.*\) FROM stdin;\n([\s\S]*?)^\\\.$/gm)) {
    tables[table] = createHash('sha256').update(rows.split('\n').sort().join('\n')).digest('hex')
  }
  return tables
}
