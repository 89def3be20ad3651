import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { useAuditKey } from '#lib/catalog/audit-key.ts'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { armFailPoint } from '#lib/engine/process/failpoint.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { keysInForce } from '#lib/engine/seal/key-ring.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { runAttempt } from '#workers/runner.ts'
import { runners } from '#workers/runners.ts'

/** What the process is told on its standard input. */
export interface KillingOrder {
  url: string
  auditKey: string
  masterKey: string
  olderMasterKeys: string[]
  stagingRoot: string
  operationId: string
  failPoint: string | null
}

// One attempt of one operation in a process of its own, to be killed. Says "begun" when the operation is claimed.
const order = JSON.parse(await text(process.stdin)) as KillingOrder
useAuditKey(Buffer.from(order.auditKey, 'base64'))
const catalog = openCatalog(order.url, { applicationName: 'lifeboat test, to be killed' })
const older = order.olderMasterKeys.map((key) => deriveKeys(Buffer.from(key, 'base64')))
const keys = { ...deriveKeys(Buffer.from(order.masterKey, 'base64')), older }
const [tools, storages] = await Promise.all([findTools(), listStorages(catalog)])
const workerId = randomUUID()
const has = {
  workerId,
  schemaVersion: knownSchemaVersion(),
  toolMajors: tools.map((tool) => tool.major),
  keyIds: keysInForce(keys).map((one) => one.keyId),
  storageIds: storages.map((storage) => storage.id),
}
const claimed = await claimOperation(catalog, has, order.operationId)
if (claimed === null) throw new Error(`operation ${order.operationId} could not be claimed`)
if (order.failPoint !== null) armFailPoint(order.failPoint)
process.stdout.write('begun\n')
await runAttempt({ catalog, workerId, runners, keys, tools, stagingRoot: order.stagingRoot, shutdown: new AbortController().signal }, claimed)
await catalog.destroy()
process.exit(0)
