import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { assertSessionConnection, openCatalog } from './pool.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

test('the application works under its own role, in its own schema, with limits, and gets sizes as numbers', async () => {
  await assertSessionConnection(it.catalog)
  const found = await sql<{ size: unknown; at: unknown; limit: string }>`
    SELECT 5000000000::bigint AS size, now() AS at, current_setting('statement_timeout') AS limit`.execute(it.catalog)
  expect(found.rows[0]).toEqual({ size: 5e9, at: expect.any(Date), limit: '30s' })
  await expect(sql`CREATE TABLE lifeboat.mine (n int)`.execute(it.catalog)).rejects.toThrow(/permission denied/)
  await expect(sql`ALTER TABLE audit DISABLE TRIGGER ALL`.execute(it.catalog)).rejects.toThrow(/must be owner/)
})

test('a connection on which the role did not arrive is refused, as behind a pooler that drops it', async () => {
  const owner = openCatalog(it.url, { role: 'owner' })
  try {
    await expect(assertSessionConnection(owner)).rejects.toMatchObject({ code: 'transaction_pooler' })
  } finally {
    await owner.destroy()
  }
})

test('a connection that the server ended is replaced without a word', async () => {
  const pid = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(it.catalog)
  const owner = openCatalog(it.url, { role: 'owner' })
  try {
    await sql`SELECT pg_terminate_backend(${pid.rows[0]?.pid ?? 0})`.execute(owner)
  } finally {
    await owner.destroy()
  }
  await expect.poll(() => sql`SELECT 1`.execute(it.catalog).then(() => true)).toBe(true)
})

test('a connection that the server ended between two queries of a transaction fails the transaction, and not the process', async () => {
  const owner = openCatalog(it.url, { role: 'owner' })
  try {
    const transaction = it.catalog.transaction().execute(async (trx) => {
      const mine = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(trx)
      const pid = mine.rows[0]?.pid ?? 0
      await sql`SELECT pg_terminate_backend(${pid})`.execute(owner)
      await expect
        .poll(() => sql<{ n: number }>`SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid = ${pid}`.execute(owner).then((it) => it.rows[0]?.n))
        .toBe(0)
      await sql`SELECT 1`.execute(trx)
    })
    await expect(transaction).rejects.toThrow(/terminat|connection/i)
  } finally {
    await owner.destroy()
  }
  await expect.poll(() => sql`SELECT 1`.execute(it.catalog).then(() => true)).toBe(true)
})
