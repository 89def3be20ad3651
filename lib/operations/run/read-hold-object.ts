import { insertHold, listHolds } from '#lib/catalog/holds.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { HoldObject } from '#lib/engine/seal/hold-object.ts'
import { holdObjectMaximumBytes, holdObjectName, openHoldObject, unreadableHoldId } from '#lib/engine/seal/hold-object.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { openCopyKey } from './open-copy-key.ts'

export interface HoldPlace {
  backupId: string
  /** of the backup, on the storage */
  path: string
}

/** The object `hold` beside a copy. `unreadable`: something lies there, and it holds whatever it is. */
export type FoundHolds =
  | { object: HoldObject }
  /** keyless: it may be as it should, and this machine cannot open the backup */
  | { unreadable: string; id: string; keyless: boolean }

/** null: there is none. Throws what the storage does (`storage_unreachable`, …), never for what the object is. */
export async function readHoldObject(context: RunContext, driver: StorageDriver, place: HoldPlace): Promise<FoundHolds | null> {
  const { signal } = context
  let bytes: Buffer | null = null
  try {
    bytes = await driver.getSmall(`${place.path}/${holdObjectName}`, { signal, maxBytes: holdObjectMaximumBytes })
    const { backupKey } = await openCopyKey(context, driver, place)
    return { object: await openHoldObject(bytes, { backupKey, backupId: place.backupId }) }
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
    if (error.code === 'missing' && bytes === null) return null
    if (!['missing', 'corrupt', 'wrong_key', 'key_missing'].includes(error.code)) throw error
    return { unreadable: error.message, keyless: error.code !== 'corrupt', id: unreadableHoldId(place.backupId, bytes) }
  }
}

/**
 * What lies beside a copy and the catalogue does not know becomes a row: after a rebuild, or where the catalogue was put back to an earlier
 * day. A hold that was released is known and stays released. Returns how many rows there are more.
 */
export async function adoptHolds(context: RunContext, place: HoldPlace, found: FoundHolds | null): Promise<number> {
  if (found === null) return 0
  const known = await listHolds(context.catalog, place.backupId)
  const row = (hold: { id: string; kind: string; reason: string; placedName: string }) => ({
    id: hold.id,
    backup_id: place.backupId,
    kind: hold.kind,
    reason: hold.reason,
    placed_name: hold.placedName,
  })
  if (!('object' in found)) {
    // what this machine cannot read may well be what the catalogue knows; where it knows of none in force, it is a hold of its own
    if (found.keyless && known.some((one) => one.released_at === null)) return 0
    const reason = `Something named hold lies beside a copy, and nobody here can read it: ${found.unreadable}`
    const inserted = await insertHold(context.catalog, row({ id: found.id, kind: 'unreadable', reason, placedName: 'Lifeboat' }))
    return inserted === null ? 0 : 1
  }
  let adopted = 0
  for (const hold of found.object.holds) {
    if (known.some((one) => one.id === hold.id)) continue
    if ((await insertHold(context.catalog, { ...row(hold), placed_at: new Date(hold.placedAt) })) !== null) adopted += 1
  }
  return adopted
}
