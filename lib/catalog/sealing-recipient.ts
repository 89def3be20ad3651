import type { Kysely } from 'kysely'
import { currentKey, listKeys } from './keys.ts'
import type { Catalog } from './schema.ts'
import { listLiveWorkers } from './workers.ts'

/**
 * The public key to which a typed secret is sealed so that every live worker opens it: of the keys that they gave, the one known longest,
 * because a worker that has the newer one keeps the older. With no live worker the newest known; null: none is known.
 */
export async function sealingRecipient(db: Kysely<Catalog>): Promise<string | null> {
  const given = new Set((await listLiveWorkers(db)).flatMap((worker) => (worker.sealing_key === null ? [] : [worker.sealing_key])))
  if (given.size === 0) return (await currentKey(db, 'sealing'))?.public_key ?? null
  const oldest = (await listKeys(db)).find((key) => key.public_key !== null && given.has(key.public_key))
  return oldest?.public_key ?? [...given][0] ?? null
}
