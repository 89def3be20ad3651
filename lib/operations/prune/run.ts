import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { databasesOn } from '#lib/catalog/copies.ts'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { readPruningPause, readRetentionSettings } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { explainReason } from '#lib/domain/retention/explain.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import type { CopyFate, RetentionInput, RetentionPlan } from '#lib/domain/retention/types.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { type Deletion, deleteCopy } from '../run/delete-copy.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import type { pruneInput } from './definition.ts'
import { pruneFindings } from './findings.ts'

export interface PrunedCopy {
  backupId: string
  name: string
  storedBytes: number
  why: string
}

/**
 * Deletes what the rules let go on one storage: planned on the catalogue's clock, and each copy asked about once more, under its lock, just
 * before it goes. What counts as newer lies on the same storage, which has just answered: a good copy elsewhere never costs the one here.
 */
export const runPrune: Run<z.output<typeof pruneInput>> = async (context, input) => {
  context.progress({ phase: 'working out what the rules let go' })
  const pause = await readPruningPause(context.catalog)
  if (pause !== null && !context.dryRun) throw paused(pause.reason)
  const { storage, driver } = await storageFor(context, input.storageId)
  try {
    await checkMarker(driver, storage.id, context.signal)
    const plan = await planStorage(context.catalog, storage.id, input.databaseId)
    const about = await aboutBackups(
      context,
      plan.deletions.map((one) => one.backupId),
    )
    const described = plan.deletions.map((fate) => describe(fate, about))
    if (context.dryRun) {
      return { result: { prune: { ...summary(storage.name, plan), dryRun: true, wouldDelete: described } }, findings: pruneFindings(plan, [], pause) }
    }
    const ended: { fate: CopyFate; deletion: Deletion; copy: PrunedCopy }[] = []
    for (const [index, fate] of plan.deletions.entries()) {
      const copy = described[index]
      const path = about.get(fate.backupId)?.path
      if (copy === undefined || path === undefined) continue
      context.signal.throwIfAborted()
      context.progress({ phase: 'deleting', doneItems: index, totalItems: plan.deletions.length, itemNoun: 'copy', current: copy.name })
      const deletion = await deleteCopy(context, driver, {
        copyId: fate.copyId,
        path,
        storageName: storage.name,
        why: copy.why,
        spare: (trx) => stillGoes(trx, fate),
      })
      ended.push({ fate, deletion, copy })
      // a pause that came meanwhile holds from the next copy on
      if ((await readPruningPause(context.catalog)) !== null) break
    }
    const deleted = ended.filter((one) => one.deletion.outcome === 'deleted')
    const freedBytes = ended.reduce((sum, { deletion }) => sum + (deletion.outcome === 'deleted' ? deletion.freedBytes : 0), 0)
    return {
      result: { prune: { ...summary(storage.name, plan), deleted: deleted.length, freedBytes, copies: deleted.map((one) => one.copy) } },
      findings: pruneFindings(
        plan,
        ended.map(({ deletion, copy }) => ({ deletion, name: copy.name })),
        null,
      ),
    }
  } finally {
    await driver.close()
  }
}

/** Database by database: the history of all of them at once would be gigabytes on a large catalogue. What goes in one run is counted over all. */
async function planStorage(db: Kysely<Catalog>, storageId: string, databaseId: string | null): Promise<RetentionPlan> {
  const ids = databaseId === null ? await databasesOn(db, storageId) : [databaseId]
  const plans: RetentionPlan[] = []
  const { deletionsPerRun } = await readRetentionSettings(db)
  let left = deletionsPerRun
  for (const id of ids) {
    const input = onStorage(await readRetentionInput(db, { databaseId: id }), storageId)
    const plan = planRetention({ ...input, settings: { ...input.settings, deletionsPerRun: left } })
    plans.push(plan)
    left -= plan.deletions.length
  }
  return {
    at: plans[0]?.at ?? (await catalogueNow(db)),
    copies: plans.flatMap((one) => one.copies),
    deletions: plans.flatMap((one) => one.deletions),
  }
}

/** The history as it is now, of this one database: a hold, a backup that turned out bad, or a rule may have come since the plan was made. */
async function stillGoes(db: Kysely<Catalog>, fate: CopyFate): Promise<string | null> {
  const input = onStorage(await readRetentionInput(db, { databaseId: fate.databaseId }), fate.storageId)
  // which copies come first was decided in the plan; here only whether this one may go
  const again = planRetention({ ...input, settings: { ...input.settings, deletionsPerRun: Number.POSITIVE_INFINITY } })
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

interface About {
  name: string
  path: string
}

async function aboutBackups(context: RunContext, ids: readonly string[]): Promise<Map<string, About>> {
  if (ids.length === 0) return new Map()
  const rows = await context.catalog
    .selectFrom('backups')
    .select(['id', 'name', 'path'])
    .where('id', 'in', [...ids])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

function describe(fate: CopyFate, about: ReadonlyMap<string, About>): PrunedCopy {
  const why = fate.reasons[0] === undefined ? '' : explainReason(fate.reasons[0])
  return { backupId: fate.backupId, name: about.get(fate.backupId)?.name ?? fate.backupId, storedBytes: fate.storedBytes, why }
}

function summary(storage: string, plan: RetentionPlan) {
  const count = (action: CopyFate['action']) => plan.copies.filter((one) => one.action === action).length
  return {
    storage,
    at: plan.at.toISOString(),
    kept: count('keep'),
    waiting: count('wait'),
    due: plan.deletions.length,
    dueBytes: plan.deletions.reduce((sum, one) => sum + one.storedBytes, 0),
  }
}

function paused(reason: string): LifeboatError {
  return new LifeboatError(
    'refused',
    `Pruning is off until an admin has looked: ${reason}.`,
    'Nothing was deleted. Look at what would go (a dry run shows it), then resume pruning.',
  )
}
