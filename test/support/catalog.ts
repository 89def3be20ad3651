import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { inject } from 'vitest'
import { useAuditKey } from '#lib/catalog/audit-key.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { onDatabase, withAdmin } from './admin.ts'
import { templateName } from './catalog-server.ts'

/** One key for all catalogues of a test process: enqueueing code finds it without being told. */
export const testAuditKey = Buffer.alloc(32, 7)

export interface TestCatalog {
  /** as the application's role */
  catalog: Kysely<Catalog>
  /** superuser; openCatalog takes the application's role by itself */
  url: string
  auditKey: Buffer
  close(): Promise<void>
}

/** An empty, migrated catalogue of its own, copied from the template. Close it: an open connection keeps the server from stopping. */
export function createTestCatalog(): Promise<TestCatalog> {
  return createTestCatalogOn(inject('catalogServer').adminUrl)
}

/** The same on a server of the test's own, for tests that stop it. */
export async function createTestCatalogOn(adminUrl: string): Promise<TestCatalog> {
  const name = `catalogue_${randomBytes(6).toString('hex')}`
  await withAdmin(adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${templateName}`))
  const url = onDatabase(adminUrl, name)
  useAuditKey(testAuditKey)
  const catalog = openCatalog(url, { applicationName: 'lifeboat test' })
  return {
    catalog,
    url,
    auditKey: testAuditKey,
    async close() {
      await catalog.destroy()
      await withAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`))
    },
  }
}
