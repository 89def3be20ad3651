import { createHash, createPublicKey } from 'node:crypto'
import { type Kysely, sql, type UpdateResult } from 'kysely'
import type { Catalog } from './schema.ts'

/** A secret that a person typed, as it stands sealed in its row. */
export interface KeptSecret {
  /** `settings`: the address of the outbound heartbeat, which has no row of its own */
  table: 'databases' | 'storages' | 'channels' | 'settings'
  id: string
  name: string
  sealed: string
}

/** Every sealed secret, also of what was removed: an older backup may need its storage back. A removed channel keeps none. */
export async function listSecrets(db: Kysely<Catalog>): Promise<KeptSecret[]> {
  const passwords = await db.selectFrom('databases').select(['id', 'name', 'password_sealed as sealed']).orderBy('id').execute()
  const credentials = await db.selectFrom('storages').select(['id', 'name', 'secret_sealed as sealed']).orderBy('id').execute()
  const addresses = await db.selectFrom('channels').select(['id', 'name', 'secret_sealed as sealed']).orderBy('id').execute()
  const heartbeat = await db.selectFrom('settings').select(sealedUrl.as('sealed')).where('key', '=', 'heartbeat').execute()
  const kept = (table: KeptSecret['table'], rows: { id: string; name: string; sealed: string | null }[]) =>
    rows.flatMap(({ id, name, sealed }) => (sealed === null ? [] : [{ table, id, name, sealed }]))
  return [
    ...kept('databases', passwords),
    ...kept('storages', credentials),
    ...kept('channels', addresses),
    ...kept(
      'settings',
      heartbeat.map(({ sealed }) => ({ id: 'heartbeat', name: 'the outbound heartbeat', sealed })),
    ),
  ]
}

const sealedUrl = sql<string | null>`value ->> 'urlSealed'`

/** Does a sealed secret open with the private half of this X25519 key? An envelope names its recipient: `lb1.<id>.…`. */
export function isSealedTo(sealed: string, publicPem: string): boolean {
  const raw = createPublicKey(publicPem).export({ type: 'spki', format: 'der' }).subarray(-32)
  return sealed.split('.')[1] === createHash('sha256').update(raw).digest('hex').slice(0, 16)
}

/** false: somebody typed another one in the meantime, and that stays. */
export async function replaceSecret(db: Kysely<Catalog>, secret: KeptSecret, sealed: string): Promise<boolean> {
  return (await replaced(db, secret, sealed)).numUpdatedRows === 1n
}

function replaced(db: Kysely<Catalog>, { table, id, sealed: before }: KeptSecret, sealed: string): Promise<UpdateResult> {
  if (table === 'databases') {
    const changed = db.updateTable('databases').set({ password_sealed: sealed })
    return changed.where('id', '=', id).where('password_sealed', '=', before).executeTakeFirst()
  }
  if (table === 'settings') {
    // the settings beside it may change in the same moment: only the one field is written
    const value = sql<string>`jsonb_set(value, '{urlSealed}', to_jsonb(${sealed}::text))`
    return db.updateTable('settings').set({ value }).where('key', '=', id).where(sealedUrl, '=', before).executeTakeFirst()
  }
  return db.updateTable(table).set({ secret_sealed: sealed }).where('id', '=', id).where('secret_sealed', '=', before).executeTakeFirst()
}
