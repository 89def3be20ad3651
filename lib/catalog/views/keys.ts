import { type Kysely, sql } from 'kysely'
import type { Actor } from '#lib/domain/actor.ts'
import type { KeysView, KeyView } from '#lib/domain/keeping-views.ts'
import { keyWords } from '#lib/domain/key-words.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { currentKey, listKeys } from '../keys.ts'
import { kmsSettings } from '../kms.ts'
import { openersOf, storagesToRewrap } from '../rewrapping.ts'
import type { Catalog } from '../schema.ts'
import { listLiveWorkers } from '../workers.ts'
import { iso } from './scope.ts'

interface Opened {
  key_id: string
  copies: number
  only: number
  locked: number
  locked_until: Date | null
  /** copies that it opens and that no key of a live worker opens */
  unheld: number
  first_at: Date
}

/** Every key that something needs or that is in use: who holds it, and what depends on it. */
export async function readKeys(catalog: Kysely<Catalog>, _actor: Actor): Promise<KeysView> {
  const [rows, workers, kms] = await Promise.all([listKeys(catalog), listLiveWorkers(catalog), kmsSettings(catalog)])
  const [active, recovery] = await Promise.all([currentKey(catalog, 'active'), currentKey(catalog, 'recovery')])
  const held = [...new Set(workers.flatMap((worker) => worker.key_ids))]
  // what was given up, lies on paper, or nobody here knows opens nothing when the other key is gone
  const inForce = rows.filter((row) => row.purpose === 'active' && row.retired_at === null).map((row) => row.id)
  const opened = new Map((await openedBy(catalog, { held, inForce, kmsId: kms?.keyId ?? null })).map((one) => [one.key_id, one]))
  const known = new Map(rows.map((row) => [row.id, row]))
  const keys: KeyView[] = []
  for (const id of new Set([...known.keys(), ...opened.keys(), ...(kms === null ? [] : [kms.keyId])])) {
    const row = known.get(id)
    if (row?.purpose === 'signing' || row?.purpose === 'sealing') continue
    const uses = opened.get(id)
    const inUse = id === active?.id || id === recovery?.id || id === kms?.keyId
    if (!inUse && uses === undefined && (row === undefined || row.retired_at !== null)) continue
    const purpose = row?.purpose === 'recovery' ? 'recovery' : id === kms?.keyId ? 'kms' : id === active?.id ? 'active' : 'older'
    const onWorkers = purpose === 'active' || purpose === 'older'
    const view = {
      id,
      purpose,
      createdAt: iso(row?.created_at ?? uses?.first_at ?? new Date(0)),
      heldBy: onWorkers ? [...new Set(workers.filter((worker) => worker.key_ids.includes(id)).map((worker) => worker.host))] : [],
      copies: uses?.copies ?? 0,
      onlyOpener: uses?.only ?? 0,
      locked: uses?.locked ?? 0,
      lockedUntil: iso(uses?.locked_until ?? null),
      // with no worker alive nobody can say that it is lost
      lost: onWorkers && workers.length > 0 && !held.includes(id) && (purpose === 'active' || (uses?.unheld ?? 0) > 0),
    } satisfies Omit<KeyView, 'words'>
    keys.push({ ...view, words: keyWords(view, { inUse, workers: workers.length, unheld: uses?.unheld ?? 0 }) })
  }
  const toRewrap = (await storagesToRewrap(catalog)).reduce((sum, one) => sum + one.copies, 0)
  const rank = { active: 0, older: 1, recovery: 2, kms: 3 } satisfies Record<KeyView['purpose'], number>
  keys.sort((a, b) => rank[a.purpose] - rank[b.purpose] || b.createdAt.localeCompare(a.createdAt))
  const setting = kms === null ? null : { keyArn: kms.keyArn, region: kms.region, endpoint: kms.endpoint }
  return { keys, kms: setting, toRewrap, rewrap: await openRewrap(catalog) }
}

/**
 * What each key opens of the readable copies. `only` also counts those that are damaged, missing or on their way: a storage that comes back, or a
 * repair, makes them readable again, and then it is too late for the key.
 */
async function openedBy(
  catalog: Kysely<Catalog>,
  { held, inForce, kmsId }: { held: readonly string[]; inForce: readonly string[]; kmsId: string | null },
): Promise<Opened[]> {
  const ofKms = kmsId === null ? [] : [kmsId]
  const usable = [...held, ...ofKms]
  const found = await sql<Opened>`
    WITH sealed AS (
      -- a few sets of keys open everything there is
      SELECT ${openersOf} AS openers, c.state = ANY (${[...readableCopyStates]}::text[]) AS readable,
        (c.state = 'retained' OR c.lock_mode IS NOT NULL OR c.retained_until > now() OR s.lock_mode IS NOT NULL) AS kept,
        count(*) AS copies, min(b.created_at) AS first_at, max(c.retained_until) AS retained_until
      FROM copies c JOIN backups b ON b.id = c.backup_id JOIN storages s ON s.id = c.storage_id
      WHERE c.state NOT IN ('waiting', 'failed', 'deleted')
      GROUP BY 1, 2, 3
    )
    SELECT key_id, coalesce(sum(o.copies) FILTER (WHERE o.readable), 0)::int AS copies, min(o.first_at) AS first_at,
      coalesce(sum(o.copies) FILTER (WHERE NOT EXISTS (
        SELECT FROM unnest(o.openers) other WHERE other <> key_id AND other = ANY (${[...inForce, ...ofKms]}::text[]))), 0)::int AS only,
      coalesce(sum(o.copies) FILTER (WHERE o.readable AND o.kept), 0)::int AS locked,
      max(o.retained_until) FILTER (WHERE o.readable AND o.kept) AS locked_until,
      coalesce(sum(o.copies) FILTER (WHERE o.readable AND NOT o.openers && ${usable}::text[]), 0)::int AS unheld
    FROM sealed o CROSS JOIN LATERAL unnest(o.openers) key_id
    GROUP BY key_id`.execute(catalog)
  return found.rows
}

async function openRewrap(catalog: Kysely<Catalog>): Promise<KeysView['rewrap']> {
  const row = await catalog
    .selectFrom('operations')
    .select(['id', 'state'])
    .where('kind', '=', 'rewrap')
    .where('state', 'in', ['queued', 'running', 'cancelling'])
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { operationId: row.id, state: row.state }
}
