import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { databasesOn } from '#lib/catalog/copies.ts'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { explainReason } from '#lib/domain/retention/explain.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import type { CopyFate, RetentionInput, RetentionPlan } from '#lib/domain/retention/types.ts'
import { type Witness, witnessesOf } from '#lib/domain/retention/witnesses.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'

/** A database that loses nothing, because copies that the rules count for it are not there. */
export interface Unseen {
  databaseId: string
  /** of so many that were looked for */
  counted: number
  absent: number
}

export interface StoragePlan extends RetentionPlan {
  unseen: Unseen[]
  /** by database of which something goes: the copies that were seen to be there */
  seen: Map<string, ReadonlySet<string>>
}

/** Questions to a storage under way at once. */
const atOnce = 16

/**
 * Database by database: the history of all of them at once would be gigabytes on a large catalogue. What goes in one run is counted over all.
 * A row may say more than the medium holds: an old mirror under the same path, a bucket that was put back. So of each database of which
 * something would go the manifests are looked for that the plan leans on; where one is absent, nothing of that database goes.
 */
export async function planStorage(
  context: RunContext,
  driver: StorageDriver,
  { storageId, databaseId }: { storageId: string; databaseId: string | null },
): Promise<StoragePlan> {
  const db = context.catalog
  const ids = databaseId === null ? await databasesOn(db, storageId) : [databaseId]
  const whole: StoragePlan = { at: await catalogueNow(db), copies: [], deletions: [], unseen: [], seen: new Map() }
  const { deletionsPerRun } = await readRetentionSettings(db)
  let left = deletionsPerRun
  for (const id of ids) {
    const { plan, seen, unseen } = await planDatabase(context, driver, { storageId, databaseId: id, most: left })
    for (const copy of plan.copies) whole.copies.push(copy)
    if (unseen !== null) {
      whole.unseen.push(unseen)
      continue
    }
    for (const fate of plan.deletions) whole.deletions.push(fate)
    if (plan.deletions.length > 0) whole.seen.set(id, seen)
    left -= plan.deletions.length
  }
  return whole
}

interface Place {
  storageId: string
  databaseId: string
  /** so many deletions are left of this run */
  most: number
}

interface Looked {
  plan: RetentionPlan
  seen: Set<string>
  unseen: Unseen | null
}

/** Asked twice: what a person deletes or a reconcile finds gone meanwhile is no verified copy by the second look at the rows. */
async function planDatabase(context: RunContext, driver: StorageDriver, place: Place): Promise<Looked> {
  const first = await lookOnce(context, driver, place, new Set())
  return first.unseen === null ? first : lookOnce(context, driver, place, first.seen)
}

async function lookOnce(context: RunContext, driver: StorageDriver, { storageId, databaseId, most }: Place, seen: Set<string>): Promise<Looked> {
  const input = onStorage(await readRetentionInput(context.catalog, { databaseId }), storageId)
  const plan = planRetention({ ...input, settings: { ...input.settings, deletionsPerRun: most } })
  if (plan.deletions.length === 0) return { plan, seen, unseen: null }
  const witnesses = witnessesOf(input, plan)
  const unknown = witnesses.filter((one) => !seen.has(one.copyId))
  const absent = await countAbsent(context, driver, unknown, seen)
  if (absent === 0) return { plan, seen, unseen: null }
  return { plan: planRetention({ ...input, seen: new Set() }), seen, unseen: { databaseId, counted: witnesses.length, absent } }
}

/** Adds those whose manifest is there to `seen`, and counts the others. */
async function countAbsent(context: RunContext, driver: StorageDriver, witnesses: readonly Witness[], seen: Set<string>): Promise<number> {
  let absent = 0
  for (let at = 0; at < witnesses.length; at += atOnce) {
    const group = witnesses.slice(at, at + atOnce)
    const paths = await pathsOf(context.catalog, group)
    await Promise.all(
      group.map(async ({ copyId, backupId }) => {
        const path = paths.get(backupId)
        const found = path === undefined ? null : await driver.head(`${path}/manifest`, { signal: context.signal })
        if (found === null) absent += 1
        else seen.add(copyId)
      }),
    )
  }
  return absent
}

async function pathsOf(db: Kysely<Catalog>, witnesses: readonly Witness[]): Promise<Map<string, string>> {
  const ids = witnesses.map((one) => one.backupId)
  const rows = await db.selectFrom('backups').select(['id', 'path']).where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, row.path]))
}

/**
 * The history as it is now, of this one database: a hold, a backup that turned out bad, or a rule may have come since the plan was made. Only
 * what was seen to be there counts. null: it goes; a text: why it stays.
 */
export async function stillGoes(db: Kysely<Catalog>, fate: CopyFate, seen: ReadonlySet<string>): Promise<string | null> {
  const input = onStorage(await readRetentionInput(db, { databaseId: fate.databaseId }), fate.storageId)
  // which copies come first was decided in the plan; here only whether this one may go
  const again = planRetention({ ...input, seen, settings: { ...input.settings, deletionsPerRun: Number.POSITIVE_INFINITY } })
  const now = again.copies.find((one) => one.copyId === fate.copyId)
  if (now?.action === 'delete') return null
  return now?.reasons[0] === undefined ? 'It is not there any more.' : explainReason(now.reasons[0])
}

function onStorage(input: RetentionInput, storageId: string): RetentionInput {
  const backups = input.backups.flatMap((backup) => {
    const copies = backup.copies.filter((copy) => copy.storageId === storageId)
    return copies.length === 0 ? [] : [{ ...backup, copies }]
  })
  return { ...input, backups }
}
