import type { Kysely } from 'kysely'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { readPruningPause } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { KeptUntil, KeptView } from '#lib/domain/keeping-views.ts'
import { backupWords, explainReason, untilOf } from '#lib/domain/retention/explain.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import type { CopyFate } from '#lib/domain/retention/types.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

/** Why a backup stays, or goes, and until when. */
export async function readKept(catalog: Kysely<Catalog>, actor: Actor, backupId: string): Promise<KeptView> {
  if (!isUuid(backupId)) throw notFound('backup')
  const backup = await catalog
    .selectFrom('backups')
    .select('database_id')
    .where('id', '=', backupId)
    .where(seenBy(actor, 'backups.database_id'))
    .executeTakeFirst()
  if (backup === undefined) throw notFound('backup')
  return keptOf(catalog, { id: backupId, databaseId: backup.database_id })
}

/** Until when backups of one database stay: one plan for a page of a list. Those that are not of it are left out. */
export async function listKept(catalog: Kysely<Catalog>, actor: Actor, databaseId: string, backupIds: readonly string[]): Promise<KeptUntil[]> {
  const database = isUuid(databaseId)
    ? await catalog.selectFrom('databases').select('id').where('id', '=', databaseId).where(seenBy(actor, 'databases.id')).executeTakeFirst()
    : undefined
  if (database === undefined) throw notFound('database')
  const { plan, wordsOf } = await planOf(catalog, databaseId)
  const byBackup = Map.groupBy(plan.copies, (fate) => fate.backupId)
  return backupIds.flatMap((backupId): KeptUntil[] => {
    const fates = byBackup.get(backupId)
    if (fates === undefined) return []
    return [{ backupId, words: wordsOf(fates), until: iso(untilOf(fates)) }]
  })
}

async function planOf(catalog: Kysely<Catalog>, databaseId: string) {
  const input = await readRetentionInput(catalog, { databaseId })
  const storages = await catalog.selectFrom('storages').select(['id', 'name']).execute()
  const names = new Map(storages.map((one) => [one.id, one.name]))
  const paused = (await readPruningPause(catalog)) !== null
  return {
    // how many a run may delete is a matter of all databases, and only a matter of days
    plan: planRetention({ ...input, settings: { ...input.settings, deletionsPerRun: Number.POSITIVE_INFINITY } }),
    names,
    wordsOf: (fates: readonly CopyFate[]) => {
      const words = backupWords(fates, (id) => names.get(id) ?? id)
      return paused && fates.some((fate) => fate.action === 'delete') ? `${words}; deleting by rule is paused` : words
    },
  }
}

/** Of a backup that the actor may see. */
export async function keptOf(catalog: Kysely<Catalog>, { id, databaseId }: { id: string; databaseId: string }): Promise<KeptView> {
  const { plan, names, wordsOf } = await planOf(catalog, databaseId)
  const fates = plan.copies.filter((fate) => fate.backupId === id)
  const until = untilOf(fates)
  return {
    backupId: id,
    words: wordsOf(fates),
    until: iso(until),
    copies: fates.map((fate) => ({
      copyId: fate.copyId,
      storage: { id: fate.storageId, name: names.get(fate.storageId) ?? '' },
      state: fate.state,
      action: fate.action,
      reasons: fate.reasons.map(explainReason),
      until: iso(fate.until),
    })),
  }
}
