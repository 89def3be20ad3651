import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { insertKey, listKeys } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import type { WorkerFacts } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findTools, type ToolReport } from '#lib/engine/postgres/tools.ts'
import { makeMasterKey, parseMasterKey, readMasterKey } from '#lib/engine/seal/key-file.ts'
import { type DerivedKeys, deriveKeys, publicKeyId } from '#lib/engine/seal/keys.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'

/** What the machine that a worker runs on has: it decides which operations it may claim. */
export interface Machine {
  /** null: no readable key; nothing can be sealed or opened here */
  keys: DerivedKeys | null
  tools: ToolReport[]
  /** local storages whose marker can be read */
  storageIds: string[]
}

export async function lookAtMachine(catalog: Kysely<Catalog>): Promise<Machine> {
  const [keys, tools, storageIds] = await Promise.all([openKeys(catalog), findTools(), reachableStorages(catalog)])
  return { keys, tools, storageIds }
}

const toolsEveryMs = 60_000

/** For heartbeats: storages are looked at every time, a key until it is there, the tools (a process each) once a minute. */
export function watchMachine(): (catalog: Kysely<Catalog>) => Promise<Machine> {
  let tools: ToolReport[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  let keys: DerivedKeys | null = null
  return async (catalog) => {
    if (performance.now() - lookedAt > toolsEveryMs) {
      tools = await findTools()
      lookedAt = performance.now()
    }
    keys ??= await openKeys(catalog)
    return { keys, tools, storageIds: await reachableStorages(catalog) }
  }
}

export function factsOf(machine: Machine): WorkerFacts {
  return {
    // the lowest of the two matters: what can be dumped must also be restored
    toolMajors: [...new Set(machine.tools.filter((tool) => tool.tool === 'pg_dump').map((tool) => tool.major))],
    tools: machine.tools.map(({ tool, major, version, path, ok }) => ({ tool, major, version, path, ok })),
    keyIds: machine.keys === null ? [] : [machine.keys.keyId],
    storageIds: machine.storageIds,
    sealingKey: machine.keys?.sealing.publicKeyPem ?? null,
  }
}

export function masterKeyFile(): string {
  return path.join(env().LIFEBOAT_HOME, 'keys', 'lifeboat.key')
}

/**
 * The master key from LIFEBOAT_KEY or its file; made only where neither the catalogue nor the local storage knows one, because a
 * second key would hide that the first is lost. null: it is known and not readable here.
 */
export async function openKeys(catalog: Kysely<Catalog>): Promise<DerivedKeys | null> {
  const master = await masterKey(catalog)
  if (master === null) return null
  const keys = deriveKeys(master)
  await insertKey(catalog, { id: keys.keyId, purpose: 'active', publicKey: null })
  await insertKey(catalog, { id: publicKeyId(keys.signing.publicKeyPem), purpose: 'signing', publicKey: keys.signing.publicKeyPem })
  await insertKey(catalog, { id: publicKeyId(keys.sealing.publicKeyPem), purpose: 'sealing', publicKey: keys.sealing.publicKeyPem })
  return keys
}

async function masterKey(catalog: Kysely<Catalog>): Promise<Buffer | null> {
  const { LIFEBOAT_KEY } = env()
  if (LIFEBOAT_KEY !== undefined) return parseMasterKey(LIFEBOAT_KEY)
  const file = masterKeyFile()
  try {
    return await readMasterKey(file)
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'key_missing')) throw error
    if (existsSync(file) || (await someKeyIsKnown(catalog))) {
      log.error('the master key cannot be read: no backup can be made or opened here', { file })
      return null
    }
  }
  try {
    return await makeMasterKey(file)
  } catch (error) {
    // another process of this machine made it a moment ago
    if (error instanceof LifeboatError && error.code === 'conflict') return readMasterKey(file)
    throw error
  }
}

async function someKeyIsKnown(catalog: Kysely<Catalog>): Promise<boolean> {
  if ((await listKeys(catalog)).some((key) => key.purpose === 'active')) return true
  const local = path.join(env().LIFEBOAT_HOME, 'backups')
  return existsSync(local) && readdirSync(local, { withFileTypes: true }).some((entry) => entry.isDirectory())
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
