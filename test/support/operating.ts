import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { insertStorage, listStorages } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { findTools, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { type KeyRing, keysInForce } from '#lib/engine/seal/key-ring.ts'
import { type DerivedKeys, deriveKeys } from '#lib/engine/seal/keys.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { runAttempt } from '#workers/runner.ts'
import { runners } from '#workers/runners.ts'
import { createTestCatalog, type TestCatalog } from './catalog.ts'
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts'

export const admin: Actor = { kind: 'cli', id: null, name: 'test', role: 'admin', databaseIds: null }

export interface TestStorage {
  id: string
  name: string
  directory: string
}

/** A catalogue, a cluster with databases worth backing up, local storages and a key: all that operations need, run in this process. */
export interface Operating {
  catalog: TestCatalog['catalog']
  /** the catalogue's, for another process */
  url: string
  auditKey: Buffer
  cluster: Cluster
  keys: DerivedKeys
  /** from which the keys are derived */
  masterKey: Buffer
  /** for a process that is to be killed: what it holds besides `masterKey` */
  olderMasterKeys?: readonly Buffer[]
  stagingRoot: string
  /** creates and registers a database */
  addDatabase(name: string, sql?: string): Promise<{ id: string; name: string }>
  addStorage(name: string): Promise<TestStorage>
  /** claims and runs a queued operation; `keys: null` is a machine without a key, `shutdown` a worker that is told to stop, `tools` and `stagingRoot` another machine's */
  operate(
    requested: { id: string },
    how?: { keys?: KeyRing | null; shutdown?: AbortSignal; tools?: ToolReport[]; stagingRoot?: string },
  ): Promise<OperationRow>
  close(): Promise<void>
}

export async function startOperating(options: ClusterOptions = {}): Promise<Operating> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lifeboat-operating-'))
  const [cluster, testCatalog, tools] = await Promise.all([startCluster(options), createTestCatalog(), findTools()])
  const { catalog } = testCatalog
  const masterKey = randomBytes(32)
  const keys = deriveKeys(masterKey)
  return {
    catalog,
    url: testCatalog.url,
    auditKey: testCatalog.auditKey,
    cluster,
    keys,
    masterKey,
    stagingRoot: path.join(directory, 'staging'),
    async addDatabase(name, sql) {
      await cluster.createDatabase(name)
      if (sql !== undefined) await cluster.query(name, sql)
      const { host, port } = cluster
      const row = await insertDatabase(catalog, { name, host, port, dbname: name, username: 'postgres', ssl_mode: 'disable' })
      if (row === null) throw new Error(`${name} is registered already`)
      return { id: row.id, name }
    },
    async addStorage(name) {
      const id = randomUUID()
      const root = path.join(directory, 'storages', name)
      await makeLocalRoot(root)
      await writeMarker(openLocalStorage({ path: root, storageId: null }), id)
      await insertStorage(catalog, { id, name, kind: 'local', config: JSON.stringify({ path: root }) })
      return { id, name, directory: root }
    },
    async operate({ id }, how = {}) {
      const workerId = randomUUID()
      const has = how.tools ?? tools
      const keyIds = [keys, ...(how.keys ? keysInForce(how.keys) : [])].map((one) => one.keyId)
      const storageIds = (await listStorages(catalog)).map((storage) => storage.id)
      const claimed = await claimOperation(
        catalog,
        { workerId, schemaVersion: knownSchemaVersion(), toolMajors: has.map((tool) => tool.major), keyIds, storageIds },
        id,
      )
      if (claimed === null) throw new Error(`operation ${id} could not be claimed`)
      const shutdown = how.shutdown ?? new AbortController().signal
      const stagingRoot = how.stagingRoot ?? path.join(directory, 'staging')
      await runAttempt({ catalog, workerId, runners, keys: how.keys === undefined ? keys : how.keys, tools: has, stagingRoot, shutdown }, claimed)
      const ended = await getOperation(catalog, id)
      if (ended === null) throw new Error('the operation is gone')
      return ended
    },
    async close() {
      await testCatalog.close()
      await cluster.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
