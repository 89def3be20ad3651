import { type HoldRow, listHolds } from '#lib/catalog/holds.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { holdObjectName, type NotedHold, sealHoldObject } from '#lib/engine/seal/hold-object.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { openCopyKey } from './open-copy-key.ts'
import { adoptHolds, type FoundHolds, type HoldPlace, readHoldObject } from './read-hold-object.ts'

export interface SettledHolds {
  /** open ones */
  holds: number
  /** of these, those that only the storage knew of until now */
  adopted: number
  did: 'nothing' | 'written' | 'removed'
  /** null: the storage has no holds of its own; `foreign`: one was there that is not ours, and it stays */
  storageHold: 'set' | 'cleared' | 'foreign' | 'refused' | null
}

/** More often than this nobody changes holds while one copy is being looked at. */
const mostRounds = 10

/**
 * The holds of the catalogue stand beside the copy too, and those beside the copy in the catalogue. The catalogue decides; only a hold that
 * it has never heard of comes from the storage. Looks again after it has written, so of several at once the last one leaves what is true.
 */
export async function settleHolds(context: RunContext, driver: StorageDriver, place: HoldPlace): Promise<SettledHolds> {
  const settled: SettledHolds = { holds: 0, adopted: 0, did: 'nothing', storageHold: null }
  let rows: HoldRow[] = []
  for (let round = 0; round < mostRounds; round++) {
    const found = await readHoldObject(context, driver, place)
    settled.adopted += await adoptHolds(context, place, found)
    rows = await openHolds(context, place)
    await context.assertCurrent()
    if (rows.length === 0) await clear(context, driver, { place, found, settled })
    else await write(context, driver, { place, found, settled, rows })
    if (sameIds(rows, await openHolds(context, place))) break
  }
  settled.holds = rows.length
  return settled
}

async function write(
  context: RunContext,
  driver: StorageDriver,
  options: { place: HoldPlace; found: FoundHolds | null; settled: SettledHolds; rows: readonly HoldRow[] },
): Promise<void> {
  const { place, found, settled, rows } = options
  const { signal } = context
  const noted = found !== null && 'object' in found ? found.object : null
  const manifest = await driver.lock(`${place.path}/manifest`, { signal })
  const knowsHolds = (await driver.settings({ signal }))?.objectLock === true
  const foreign = manifest?.legalHold === true && noted?.storageHold !== true
  const storageHold = knowsHolds && !foreign
  if (noted === null || noted.storageHold !== storageHold || !sameIds(rows, noted.holds)) {
    // what it says of the storage's own hold stands there before that is set, so that one of ours is always known as ours
    const { backupKey } = await openCopyKey(context, driver, place)
    const bytes = await sealHoldObject({ storageHold, holds: rows.map(asNoted) }, { backupKey, backupId: place.backupId })
    await driver.putSmall(`${place.path}/${holdObjectName}`, bytes, { signal, overwrite: true })
    settled.did = 'written'
    failPoint('hold.written')
  }
  if (foreign) settled.storageHold = 'foreign'
  // the manifest's comes last: it says that the others have theirs
  else if (storageHold && manifest?.legalHold !== true) settled.storageHold = await setEverywhere(context, driver, { path: place.path, on: true })
}

async function clear(
  context: RunContext,
  driver: StorageDriver,
  { place, found, settled }: { place: HoldPlace; found: FoundHolds | null; settled: SettledHolds },
): Promise<void> {
  if (found === null) return
  // what this machine cannot read is not its to take away
  if (!('object' in found) && !(await isReleased(context, place, found.id))) return
  const { signal } = context
  if ('object' in found && found.object.storageHold) settled.storageHold = await setEverywhere(context, driver, { path: place.path, on: false })
  if (settled.storageHold === 'refused') return
  failPoint('hold.cleared')
  const key = `${place.path}/${holdObjectName}`
  if ((await driver.purge(key, { signal })) === 'retained') {
    if ('object' in found && found.object.holds.length === 0 && !found.object.storageHold) return
    // a lock of the bucket keeps the object: one that says that nothing holds takes its place
    const { backupKey } = await openCopyKey(context, driver, place)
    const bytes = await sealHoldObject({ storageHold: false, holds: [] }, { backupKey, backupId: place.backupId })
    await driver.putSmall(key, bytes, { signal, overwrite: true })
  }
  settled.did = 'removed'
}

async function setEverywhere(
  context: RunContext,
  driver: StorageDriver,
  { path, on }: { path: string; on: boolean },
): Promise<'set' | 'cleared' | 'refused'> {
  const { signal } = context
  const keys: string[] = []
  for await (const object of driver.list(`${path}/`, { signal })) {
    if (object.key !== `${path}/${holdObjectName}` && object.key !== `${path}/manifest`) keys.push(object.key)
  }
  try {
    for (const key of [...keys, `${path}/manifest`]) {
      await context.assertCurrent()
      await driver.holdObject(key, on, { signal })
    }
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'storage_refused')) throw error
    return 'refused'
  }
  return on ? 'set' : 'cleared'
}

async function openHolds(context: RunContext, place: HoldPlace): Promise<HoldRow[]> {
  return (await listHolds(context.catalog, place.backupId)).filter((one) => one.released_at === null)
}

async function isReleased(context: RunContext, place: HoldPlace, id: string): Promise<boolean> {
  return (await listHolds(context.catalog, place.backupId)).some((one) => one.id === id && one.released_at !== null)
}

function asNoted(row: HoldRow): NotedHold {
  return { id: row.id, kind: row.kind, reason: row.reason, placedAt: row.placed_at.toISOString(), placedName: row.placed_name }
}

function sameIds(some: readonly { id: string }[], others: readonly { id: string }[]): boolean {
  return some.length === others.length && some.every((one) => others.some((other) => other.id === one.id))
}
