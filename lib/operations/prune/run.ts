import type { z } from 'zod'
import { readPruningPause } from '#lib/catalog/retention-settings.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { explainReason } from '#lib/domain/retention/explain.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { CopyFate, RetentionPlan } from '#lib/domain/retention/types.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { type Deletion, deleteCopy } from '../run/delete-copy.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run, RunContext } from '../run-context.ts'
import type { pruneInput } from './definition.ts'
import { pruneFindings, unseenFinding } from './findings.ts'
import { planStorage, stillGoes, type Unseen } from './plan-storage.ts'

export interface PrunedCopy {
  backupId: string
  name: string
  storedBytes: number
  why: string
}

/**
 * Deletes what the rules let go on one storage: planned on the catalogue's clock, and each copy asked about once more, under its lock, just
 * before it goes. What counts as newer lies on the same storage, and its manifest was seen there in this run: a good copy elsewhere never costs
 * the one here, and neither does a row whose copy the medium does not hold.
 */
export const runPrune: Run<z.output<typeof pruneInput>> = async (context, input) => {
  context.progress({ phase: 'working out what the rules let go' })
  const pause = await readPruningPause(context.catalog)
  if (pause !== null && !context.dryRun) throw paused(pause.reason)
  const { storage, driver } = await storageFor(context, input.storageId)
  try {
    await checkMarker(driver, storage.id, context.signal)
    const plan = await planStorage(context, driver, { storageId: storage.id, databaseId: input.databaseId })
    const unseen = await describeUnseen(context, storage.name, plan.unseen)
    const about = await aboutBackups(
      context,
      plan.deletions.map((one) => one.backupId),
    )
    const described = plan.deletions.map((fate) => describe(fate, about))
    if (context.dryRun) {
      return {
        result: { prune: { ...summary(storage.name, plan), dryRun: true, wouldDelete: described } },
        findings: [...unseen, ...pruneFindings(plan, [], pause)],
      }
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
        spare: (trx) => stillGoes(trx, fate, plan.seen.get(fate.databaseId) ?? new Set()),
      })
      ended.push({ fate, deletion, copy })
      // a pause that came meanwhile holds from the next copy on
      if ((await readPruningPause(context.catalog)) !== null) break
    }
    const deleted = ended.filter((one) => one.deletion.outcome === 'deleted')
    const freedBytes = ended.reduce((sum, { deletion }) => sum + (deletion.outcome === 'deleted' ? deletion.freedBytes : 0), 0)
    return {
      result: { prune: { ...summary(storage.name, plan), deleted: deleted.length, freedBytes, copies: deleted.map((one) => one.copy) } },
      findings: [
        ...unseen,
        ...pruneFindings(
          plan,
          ended.map(({ deletion, copy }) => ({ deletion, name: copy.name })),
          null,
        ),
      ],
    }
  } finally {
    await driver.close()
  }
}

async function describeUnseen(context: RunContext, storage: string, unseen: readonly Unseen[]): Promise<Finding[]> {
  if (unseen.length === 0) return []
  const ids = unseen.map((one) => one.databaseId)
  const rows = await context.catalog.selectFrom('databases').select('name').where('id', 'in', ids).orderBy('name').execute()
  return [
    unseenFinding(
      storage,
      rows.map((row) => row.name),
      unseen,
    ),
  ]
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
