import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { insertKey, listKeys } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { makeMasterKey, parseMasterKey, readMasterKey, readOlderKeys } from '#lib/engine/seal/key-file.ts'
import { type KeyRing, keysInForce } from '#lib/engine/seal/key-ring.ts'
import { type DerivedKeys, deriveKeys, publicKeyId } from '#lib/engine/seal/keys.ts'
import { env } from '#lib/env.ts'
import { log } from '#lib/log.ts'

export function masterKeyFile(): string {
  return path.join(env().LIFEBOAT_HOME, 'keys', 'lifeboat.key')
}

/** Master keys that were replaced, each in `<key id>.key`: they still open. */
export function olderKeysDirectory(): string {
  return path.join(env().LIFEBOAT_HOME, 'keys', 'older')
}

/**
 * The master keys in force on this machine: the newest from LIFEBOAT_KEY or its file, older ones from LIFEBOAT_OLD_KEYS and keys/older.
 * One is made only where neither the catalogue nor the local storage knows one, because a second key would hide that the first is lost.
 * null: the newest is known and not readable here; an older one never takes its place by itself, for it would seal what is new.
 */
export async function openKeys(catalog: Kysely<Catalog>): Promise<KeyRing | null> {
  const ring = await readKeys(catalog)
  // the newest comes last, so that it is also the newest of the catalogue
  if (ring !== null) for (const keys of keysInForce(ring).toReversed()) await makeKnown(catalog, keys)
  return ring
}

/** For every heartbeat: a key that was put back, replaced or lost is noticed; the catalogue is told of what is new. */
export function watchKeys(): (catalog: Kysely<Catalog>) => Promise<KeyRing | null> {
  let known: KeyRing | null = null
  let missing = false
  const idsOf = (ring: KeyRing | null) =>
    ring === null
      ? ''
      : keysInForce(ring)
          .map((keys) => keys.keyId)
          .join()
  return async (catalog) => {
    const ring = await readKeys(catalog, missing)
    missing = ring === null
    if (idsOf(ring) === idsOf(known)) return known
    if (ring !== null) for (const keys of keysInForce(ring).toReversed()) await makeKnown(catalog, keys)
    known = ring
    return known
  }
}

async function readKeys(catalog: Kysely<Catalog>, quiet = false): Promise<KeyRing | null> {
  const master = await masterKey(catalog, quiet)
  if (master === null) return null
  const newest = deriveKeys(master)
  const older = (await olderKeys()).filter((keys) => keys.keyId !== newest.keyId)
  return older.length === 0 ? newest : { ...newest, older }
}

async function olderKeys(): Promise<DerivedKeys[]> {
  const given = (env().LIFEBOAT_OLD_KEYS ?? '').split(/[\s,]+/).filter((text) => text !== '')
  const masters = [...given.map(parseMasterKey), ...(await readOlderKeys(olderKeysDirectory()))]
  return [...new Map(masters.map((master) => deriveKeys(master)).map((keys) => [keys.keyId, keys])).values()]
}

async function makeKnown(catalog: Kysely<Catalog>, keys: DerivedKeys): Promise<void> {
  await insertKey(catalog, { id: keys.keyId, purpose: 'active', publicKey: null })
  await insertKey(catalog, { id: publicKeyId(keys.signing.publicKeyPem), purpose: 'signing', publicKey: keys.signing.publicKeyPem })
  await insertKey(catalog, { id: publicKeyId(keys.sealing.publicKeyPem), purpose: 'sealing', publicKey: keys.sealing.publicKeyPem })
}

async function masterKey(catalog: Kysely<Catalog>, quiet: boolean): Promise<Buffer | null> {
  const { LIFEBOAT_KEY } = env()
  if (LIFEBOAT_KEY !== undefined) return parseMasterKey(LIFEBOAT_KEY)
  const file = masterKeyFile()
  try {
    return await readMasterKey(file)
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'key_missing')) throw error
    if (existsSync(file) || existsSync(olderKeysDirectory()) || (await someKeyIsKnown(catalog))) {
      if (!quiet) log.error('the master key cannot be read: no backup can be made or opened here', { file })
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
