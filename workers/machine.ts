import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import type { WorkerFacts } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findTools, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { type KeyRing, keysInForce } from '#lib/engine/seal/key-ring.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { log } from '#lib/log.ts'
import { openKeys, watchKeys } from './master-keys.ts'

/** What the machine that a worker runs on has: it decides which operations it may claim. */
export interface Machine {
  /** null: no readable key; nothing can be sealed or opened here */
  keys: KeyRing | null
  tools: ToolReport[]
  /** local storages whose marker can be read */
  storageIds: string[]
}

export async function lookAtMachine(catalog: Kysely<Catalog>): Promise<Machine> {
  const [keys, tools, storageIds] = await Promise.all([openKeys(catalog), findTools(), reachableStorages(catalog)])
  return { keys, tools, storageIds }
}

const toolsEveryMs = 60_000

/** For heartbeats: storages and keys are looked at every time, the tools (a process each) once a minute. */
export function watchMachine(): (catalog: Kysely<Catalog>) => Promise<Machine> {
  let tools: ToolReport[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  const keys = watchKeys()
  return async (catalog) => {
    if (performance.now() - lookedAt > toolsEveryMs) {
      tools = await findTools()
      lookedAt = performance.now()
    }
    return { keys: await keys(catalog), tools, storageIds: await reachableStorages(catalog) }
  }
}

export function factsOf(machine: Machine): WorkerFacts {
  return {
    // the lowest of the two matters: what can be dumped must also be restored
    toolMajors: [...new Set(machine.tools.filter((tool) => tool.tool === 'pg_dump').map((tool) => tool.major))],
    tools: machine.tools.map(({ tool, major, version, path, ok }) => ({ tool, major, version, path, ok })),
    keyIds: machine.keys === null ? [] : keysInForce(machine.keys).map((keys) => keys.keyId),
    storageIds: machine.storageIds,
    sealingKey: machine.keys?.sealing.publicKeyPem ?? null,
  }
}

async function reachableStorages(catalog: Kysely<Catalog>): Promise<string[]> {
  const found: string[] = []
  for (const storage of await listStorages(catalog)) {
    if (storage.kind !== 'local' || !('path' in storage.config)) continue
    const driver = openLocalStorage({ path: storage.config.path, storageId: storage.id })
    try {
      await checkMarker(driver, storage.id)
      found.push(storage.id)
    } catch (error) {
      if (!(error instanceof LifeboatError)) throw error
      log.debug('a local storage is not here', { storage: storage.id, reason: error.message })
    } finally {
      await driver.close()
    }
  }
  return found
}
