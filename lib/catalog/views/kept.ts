import type { Kysely } from 'kysely'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { readPruningPause } from '#lib/catalog/retention-settings.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { KeptView } from '#lib/domain/keeping-views.ts'
import { backupWords, explainReason, untilOf } from '#lib/domain/retention/explain.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
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

/** Of a backup that the actor may see. */
export async function keptOf(catalog: Kysely<Catalog>, { id, databaseId }: { id: string; databaseId: string }): Promise<KeptView> {
  const input = await readRetentionInput(catalog, { databaseId })
  // how many a run may delete is a matter of all databases, and only a matter of days
  const plan = planRetention({ ...input, settings: { ...input.settings, deletionsPerRun: Number.POSITIVE_INFINITY } })
  const fates = plan.copies.filter((fate) => fate.backupId === id)
  const names = new Map((await catalog.selectFrom('storages').select(['id', 'name']).execute()).map((one) => [one.id, one.name]))
  const paused = fates.some((fate) => fate.action === 'delete') && (await readPruningPause(catalog)) !== null
  const until = untilOf(fates)
  return {
    backupId: id,
    words: `${backupWords(fates, (storageId) => names.get(storageId) ?? storageId)}${paused ? '; deleting by rule is paused' : ''}`,
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
