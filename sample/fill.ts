import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'

/**
 * Fills an empty database with the sample's schema and data, in one transaction: it is there whole, or not at all.
 * `scale` multiplies the number of rows (1: some 104,000).
 */
export async function fillSample(url: string, scale = 1): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'lifeboat sample' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('BEGIN')
    // the session's settings shape the text of some values; the same on every machine
    await client.query(`SET LOCAL TimeZone = 'UTC'; SET LOCAL client_min_messages = 'warning'; SET LOCAL jit = off`)
    await client.query(`SELECT set_config('lifeboat.sample_scale', $1, true)`, [String(scale)])
    for (const name of ['schema.sql', 'data.sql']) await client.query(readFileSync(path.join(import.meta.dirname, name), 'utf8'))
    await client.query('COMMIT')
  } finally {
    await client.end() // a failure above rolls back with the connection
  }
}
