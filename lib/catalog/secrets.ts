import { createHash, createPublicKey } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Catalog } from './schema.ts'

/** A secret that a person typed, as it stands sealed in its row. */
export interface KeptSecret {
  table: 'databases' | 'storages'
  id: string
  name: string
  sealed: string
}

/** Every sealed secret, also of what was removed: an older backup may need its storage back. */
export async function listSecrets(db: Kysely<Catalog>): Promise<KeptSecret[]> {
  const passwords = await db.selectFrom('databases').select(['id', 'name', 'password_sealed as sealed']).orderBy('id').execute()
  const credentials = await db.selectFrom('storages').select(['id', 'name', 'secret_sealed as sealed']).orderBy('id').execute()
  const kept = (table: KeptSecret['table'], rows: { id: string; name: string; sealed: string | null }[]) =>
    rows.flatMap(({ id, name, sealed }) => (sealed === null ? [] : [{ table, id, name, sealed }]))
  return [...kept('databases', passwords), ...kept('storages', credentials)]
}

/** Does a sealed secret open with the private half of this X25519 key? An envelope names its recipient: `lb1.<id>.…`. */
export function isSealedTo(sealed: string, publicPem: string): boolean {
  const raw = createPublicKey(publicPem).export({ type: 'spki', format: 'der' }).subarray(-32)
  return sealed.split('.')[1] === createHash('sha256').update(raw).digest('hex').slice(0, 16)
}

/** false: somebody typed another one in the meantime, and that stays. */
export async function replaceSecret(db: Kysely<Catalog>, secret: KeptSecret, sealed: string): Promise<boolean> {
  const changed =
    secret.table === 'databases'
      ? await db
          .updateTable('databases')
          .set({ password_sealed: sealed })
          .where('id', '=', secret.id)
          .where('password_sealed', '=', secret.sealed)
          .executeTakeFirst()
      : await db
          .updateTable('storages')
          .set({ secret_sealed: sealed })
          .where('id', '=', secret.id)
          .where('secret_sealed', '=', secret.sealed)
          .executeTakeFirst()
  return changed.numUpdatedRows === 1n
}
