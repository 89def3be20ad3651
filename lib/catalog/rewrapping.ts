import { type Kysely, sql } from 'kysely'
import { readableCopyStates } from '#lib/domain/states.ts'
import { currentKey } from './keys.ts'
import { kmsSettings } from './kms.ts'
import type { Catalog } from './schema.ts'

/** A readable copy whose key objects may have to be sealed anew. */
export interface CopyToRewrap {
  id: string
  backup_id: string
  path: string
  /** what forbids removing anything of it; null: nothing that the catalogue knows */
  kept_by: 'lock' | 'hold' | null
  locked_until: Date | null
}

/** Where `copies c` and `backups b` are joined: the keys that open a copy, as far as they are known. */
export const openersOf = sql<string[]>`(CASE WHEN cardinality(c.key_ids) > 0 THEN c.key_ids ELSE array_remove(ARRAY[b.key_id], NULL) END)`
const readable = sql`c.state = ANY (${sql.lit(`{${readableCopyStates.join(',')}}`)}::text[])`

/**
 * The next copies of a storage, by id, that not all of `wanted` open yet; with `forgetOld` also those that others open too.
 * `after` is the id of the last one that was looked at.
 */
export async function copiesToRewrap(
  db: Kysely<Catalog>,
  options: { storageId: string; wanted: readonly string[]; forgetOld: boolean; after: string | null; limit: number },
): Promise<CopyToRewrap[]> {
  const wanted = sql`${[...options.wanted]}::text[]`
  const found = await sql<CopyToRewrap>`
    SELECT c.id, c.backup_id, b.path, c.retained_until AS locked_until,
      CASE
        WHEN c.state = 'retained' OR c.lock_mode IS NOT NULL OR c.retained_until > now() OR s.lock_mode IS NOT NULL
          OR s.bucket ->> 'defaultMode' IS NOT NULL THEN 'lock'
        WHEN EXISTS (SELECT FROM holds h WHERE h.backup_id = b.id AND h.released_at IS NULL) THEN 'hold'
      END AS kept_by
    FROM copies c JOIN backups b ON b.id = c.backup_id JOIN storages s ON s.id = c.storage_id
    WHERE c.storage_id = ${options.storageId} AND ${readable}
      AND (NOT c.key_ids @> ${wanted} OR (${options.forgetOld} AND NOT c.key_ids <@ ${wanted}))
      AND (${options.after}::uuid IS NULL OR c.id > ${options.after}::uuid)
    ORDER BY c.id LIMIT ${options.limit}`.execute(db)
  return found.rows
}

/** Readable copies by storage that one of the keys in use (master, recovery, KMS) does not open yet. */
export async function storagesToRewrap(db: Kysely<Catalog>): Promise<{ storage_id: string; copies: number }[]> {
  const [active, recovery, kms] = [await currentKey(db, 'active'), await currentKey(db, 'recovery'), await kmsSettings(db)]
  if (active === null) return []
  const wanted = [active.id, ...(recovery === null ? [] : [recovery.id]), ...(kms === null ? [] : [kms.keyId])]
  const found = await sql<{ storage_id: string; copies: number }>`
    SELECT c.storage_id, count(*)::int AS copies FROM copies c JOIN backups b ON b.id = c.backup_id
    WHERE ${readable} AND NOT ${openersOf} @> ${sql`${wanted}::text[]`} GROUP BY c.storage_id`.execute(db)
  return found.rows
}

/** What of a storage's copies opens without the newest master key only, and what of that a lock keeps. */
export async function leftBehind(
  db: Kysely<Catalog>,
  storageId: string,
  newest: string,
): Promise<{ onlyOld: number; locked: number; lockedUntil: Date | null; oldToo: number }> {
  const found = await sql<{ onlyOld: number; locked: number; lockedUntil: Date | null; oldToo: number }>`
    SELECT count(*) FILTER (WHERE NOT ${newest} = ANY (${openersOf}))::int AS "onlyOld",
      count(*) FILTER (WHERE old AND kept)::int AS locked,
      max(c.retained_until) FILTER (WHERE old AND kept) AS "lockedUntil",
      count(*) FILTER (WHERE old)::int AS "oldToo"
    FROM copies c JOIN backups b ON b.id = c.backup_id JOIN storages s ON s.id = c.storage_id
    CROSS JOIN LATERAL (SELECT
      EXISTS (SELECT FROM keys k WHERE k.purpose = 'active' AND k.id <> ${newest} AND k.id = ANY (${openersOf})) AS old,
      (c.state = 'retained' OR c.lock_mode IS NOT NULL OR c.retained_until > now() OR s.lock_mode IS NOT NULL) AS kept) x
    WHERE c.storage_id = ${storageId} AND ${readable}`.execute(db)
  return found.rows[0] ?? { onlyOld: 0, locked: 0, lockedUntil: null, oldToo: 0 }
}

/**
 * Writes which keys open a copy, and makes the newest that of its backup once every readable copy opens with it.
 * false: the copy is not readable any more (it is being deleted), nothing was written.
 */
export async function recordOpeners(trx: Kysely<Catalog>, copyId: string, options: { keyIds: readonly string[]; newest: string }): Promise<boolean> {
  const copy = await sql<{ backup_id: string }>`
    UPDATE copies c SET key_ids = ${[...options.keyIds]}::text[] WHERE c.id = ${copyId} AND ${readable} RETURNING backup_id`.execute(trx)
  const backupId = copy.rows[0]?.backup_id
  if (backupId === undefined) return false
  await sql`
    UPDATE backups b SET key_id = ${options.newest} WHERE b.id = ${backupId} AND b.key_id IS DISTINCT FROM ${options.newest}
      AND NOT EXISTS (SELECT FROM copies c WHERE c.backup_id = b.id AND ${readable} AND NOT ${options.newest} = ANY (c.key_ids))`.execute(trx)
  return true
}
