import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Kysely } from 'kysely'
import { insertKey } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { makeMasterKey, parseMasterKey, readMasterKey } from '#lib/engine/seal/key-file.ts'
import { type DerivedKeys, deriveKeys, publicKeyId } from '#lib/engine/seal/keys.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import type { Env } from '#lib/env.ts'

export function masterKeyFile(env: Pick<Env, 'LIFEBOAT_HOME'>): string {
  return path.join(env.LIFEBOAT_HOME, 'keys', 'master.key')
}

/** LIFEBOAT_KEY, or the file on this machine. Throws `key_missing`; never makes one. */
export async function readOwnKeys(env: Pick<Env, 'LIFEBOAT_HOME' | 'LIFEBOAT_KEY'>): Promise<DerivedKeys> {
  return deriveKeys(env.LIFEBOAT_KEY === undefined ? await readMasterKey(masterKeyFile(env)) : parseMasterKey(env.LIFEBOAT_KEY))
}

/**
 * The key of this machine; made on the very first start, when neither the catalogue nor the default storage knows one:
 * a new key beside existing backups would hide that theirs is lost. Its public halves become known to the catalogue.
 */
export async function readOrMakeOwnKeys(
  env: Pick<Env, 'LIFEBOAT_HOME' | 'LIFEBOAT_KEY'>,
  catalog: Kysely<Catalog>,
): Promise<{ keys: DerivedKeys; made: boolean }> {
  const known = await catalog.selectFrom('keys').select('id').where('purpose', '=', 'active').execute()
  const made = env.LIFEBOAT_KEY === undefined && !existsSync(masterKeyFile(env)) && known.length === 0
  if (made) {
    if (await holdsBackups(path.join(env.LIFEBOAT_HOME, 'backups'))) {
      throw new LifeboatError(
        'key_missing',
        `There are backups in ${path.join(env.LIFEBOAT_HOME, 'backups')}, and no key that opens them.`,
        `Put the key that sealed them into ${masterKeyFile(env)} (mode 0400) or set LIFEBOAT_KEY. To begin afresh, move the directory away first.`,
      )
    }
    await makeMasterKey(masterKeyFile(env))
  }
  const keys = await readOwnKeys(env)
  await insertKey(catalog, { id: keys.keyId, purpose: 'active', publicKey: null })
  await insertKey(catalog, { id: publicKeyId(keys.signing.publicKeyPem), purpose: 'signing', publicKey: keys.signing.publicKeyPem })
  await insertKey(catalog, { id: publicKeyId(keys.sealing.publicKeyPem), purpose: 'sealing', publicKey: keys.sealing.publicKeyPem })
  return { keys, made }
}

async function holdsBackups(directory: string): Promise<boolean> {
  if (!existsSync(directory)) return false
  const driver = openLocalStorage({ path: directory, storageId: null })
  for await (const object of driver.list('', { signal: new AbortController().signal })) if (object.key.endsWith('/manifest')) return true
  return false
}
