import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { quotedTable } from './live-table.ts'

export interface Lockable {
  oid: number
  schema: string
  table: string
  /** pg_class.relkind: of a partitioned table all partitions are locked */
  kind: string
}

/**
 * ACCESS EXCLUSIVE on all of the tables, within `timeoutMs`. Those who write there lock them in orders of their own: whoever waits for a table
 * while he holds another may wait for somebody who waits for him, and the server would end one of the two, which could be the other. So only
 * the first is waited for, with nothing held; where one of the rest is not free at that moment, all are given back and that one is waited for
 * first. Those who write in one order come to their end so; among many who write in both, it may never be our turn, and 55P03 is thrown, as
 * the server does.
 */
export async function lockTogether(client: Client, tables: readonly Lockable[], timeoutMs: number): Promise<void> {
  let order = [...new Map(tables.map((table) => [table.oid, table])).values()]
  const until = performance.now() + timeoutMs
  await client.query('SAVEPOINT locking')
  for (;;) {
    const refused = await tryAll(client, order, Math.max(1, Math.round(until - performance.now())))
    if (refused === null) break
    await client.query('ROLLBACK TO SAVEPOINT locking')
    if (performance.now() >= until) throw refused.error
    order = [refused.table, ...order.filter((table) => table !== refused.table)]
    // those who were held up go on
    await sleep(Math.random() * 50)
  }
  await client.query('RELEASE SAVEPOINT locking')
  await setTimeoutTo(client, timeoutMs)
}

async function tryAll(client: Client, order: readonly Lockable[], leftMs: number): Promise<{ table: Lockable; error: unknown } | null> {
  await setTimeoutTo(client, leftMs)
  for (const [place, table] of order.entries()) {
    const how = place === 0 ? '' : ' NOWAIT'
    try {
      await client.query(`LOCK TABLE ${table.kind === 'p' ? '' : 'ONLY '}${quotedTable(table)} IN ACCESS EXCLUSIVE MODE${how}`)
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03') throw error
      return { table, error }
    }
  }
  return null
}

async function setTimeoutTo(client: Client, ms: number): Promise<void> {
  await client.query(`SELECT pg_catalog.set_config('lock_timeout', $1, true)`, [String(ms)])
}
