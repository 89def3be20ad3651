import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrateCatalog } from '#lib/catalog/migrate.ts'
import { ensureQueue } from '#lib/queue/boss.ts'
import { type Cluster, startCluster } from '#workers/embedded/cluster.ts'
import { findPlace } from '#workers/embedded/place.ts'
import { withAdmin } from './admin.ts'

/** The template that every test's catalogue is copied from: migrated once, a copy takes a tenth of a second. */
export const templateName = 'catalogue_template'

export interface CatalogServer {
  /** superuser; the database's name comes instead of `postgres` */
  adminUrl: string
}

declare module 'vitest' {
  interface ProvidedContext {
    catalogServer: CatalogServer
  }
}

export interface StartedCatalogServer extends CatalogServer {
  halt(): Promise<void>
  /** on the same port, with the same data */
  goOn(): Promise<void>
  stop(): Promise<void>
}

/** A private cluster with a migrated template, for one test run. */
export async function startCatalogServer(): Promise<StartedCatalogServer> {
  const home = mkdtempSync(path.join(tmpdir(), 'lifeboat-catalogue-'))
  chmodSync(home, 0o711)
  const place = await findPlace(home)
  let cluster: Cluster = await startCluster(home, place, 'catalogue')
  const halt = async () => {
    await cluster.stop?.()
  }
  const goOn = async () => {
    cluster = await startCluster(home, place, 'catalogue')
  }
  const stop = async () => {
    await halt()
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const adminUrl = cluster.superuserUrl('postgres')
    await withAdmin(adminUrl, (admin) => admin.query(`CREATE DATABASE ${templateName}`))
    await migrateCatalog(cluster.superuserUrl(templateName))
    await ensureQueue(cluster.superuserUrl(templateName))
    return { adminUrl, halt, goOn, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Vitest's global set-up of the projects that need a catalogue. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startCatalogServer()
  project.provide('catalogServer', { adminUrl: server.adminUrl })
  return () => server.stop()
}
