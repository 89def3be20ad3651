import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { getDatabase, insertDatabase, updateDatabase } from '#lib/catalog/databases.ts'
import { insertSchedule } from '#lib/catalog/schedules.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { isLoopback, parseConnectionUrl } from '#lib/domain/connection-url.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { ownCatalogueId, ownCatalogueName } from '#lib/domain/own-catalogue.ts'
import { log } from '#lib/log.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'

/** Between the daily backups of the standard plan, so that it knows those that were just made. */
const daily = '30 3 * * *'

/**
 * The catalogue is a protected database like others: daily, on every storage. Registered once; one that an admin took off the list stays off.
 * Where it lies is kept current, as the port of the embedded one may change.
 */
export async function registerCatalogue(catalog: Kysely<Catalog>, url: string, sealingPem: string): Promise<void> {
  let place: ReturnType<typeof parseConnectionUrl>
  try {
    place = parseConnectionUrl(url)
  } catch (error) {
    log.warn('the catalogue does not protect itself: its address cannot be registered', { reason: asLifeboatError(error).message })
    return
  }
  const { password, sslMode, ...where } = place
  const values = {
    ...where,
    ssl_mode: sslMode,
    password_sealed: password === null ? null : sealSecret(password, sealingPem, passwordPlace(ownCatalogueId)),
  }
  const known = await getDatabase(catalog, ownCatalogueId)
  if (known !== null) {
    // rows of a rebuild know the catalogue from its backups only; another worker may reach it by another name
    const moved = known.host !== where.host || known.port !== where.port || known.dbname !== where.dbname || known.username !== where.username
    const current = known.username !== '' && known.reachable === true && !isLoopback(where.host)
    if (known.removed_at !== null || (!moved && known.is_catalogue) || (known.is_catalogue && current)) return
    await updateDatabase(catalog, ownCatalogueId, { ...values, is_catalogue: true, problem: null, reachable: null })
    await insertSchedule(catalog, { database_id: ownCatalogueId, tier: 'daily', cron: daily })
    return
  }
  await catalog.transaction().execute(async (trx) => {
    const row = await insertDatabase(trx, { id: ownCatalogueId, name: ownCatalogueName, is_catalogue: true, ...values })
    if (row === null) return
    await insertSchedule(trx, { database_id: ownCatalogueId, tier: 'daily', cron: daily })
    await appendAudit(trx, auditKey(), {
      ...auditActor(systemActor),
      action: 'database.add',
      subjectKind: 'database',
      subjectId: ownCatalogueId,
      outcome: 'done',
      detail: { name: ownCatalogueName, ...where, catalogue: true, plan: 'daily' },
    })
  })
}
