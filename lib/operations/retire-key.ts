import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { currentKey, listKeys, markRetired } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { isSealedTo, listSecrets } from '#lib/catalog/secrets.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

const rewrapFirst =
  'Seal the keys anew first: lifeboat key rewrap. Storages that are absent have to be back for it, and copies that are damaged or missing have to be repaired, or gone by their retention.'

/**
 * An older master key is given up: no copy opens with it alone and no secret is sealed to anything but the newest. Its file may then be
 * destroyed. Throws `forbidden`, `not_found`, and `refused` with what still needs it.
 */
export async function retireKey(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  if (!allows(actor.role, 'key.manage')) throw new LifeboatError('forbidden', reasonDenied('key.manage'))
  const row = (await listKeys(catalog)).find((one) => one.id === id && one.purpose === 'active')
  if (row === undefined) throw new LifeboatError('not_found', 'There is no such master key.', 'lifeboat key list names them.')
  const active = await currentKey(catalog, 'active')
  if (active?.id === id)
    throw new LifeboatError('refused', 'This key seals every new backup.', 'Rotate it first: lifeboat key rotate, on the machine that holds it.')
  const uses = (await readKeys(catalog, actor)).keys.find((one) => one.id === id)
  if (uses !== undefined && uses.onlyOpener > 0) {
    const message = `${uses.onlyOpener} copies open with no other master key.`
    throw new LifeboatError('refused', message, rewrapFirst)
  }
  await refuseWhileOthersSeal(catalog, active?.id ?? null)
  const sealing = await currentKey(catalog, 'sealing')
  const elsewhere = (await listSecrets(catalog)).filter((one) => sealing?.public_key && !isSealedTo(one.sealed, sealing.public_key))
  if (elsewhere.length > 0) {
    const message = `Secrets are still sealed to an older key: ${elsewhere.map((one) => one.name).join(', ')}.`
    throw new LifeboatError('refused', message, 'Bring the newest key to every worker, then run lifeboat key rewrap; or type them in again.')
  }
  await catalog.transaction().execute(async (trx) => {
    await markRetired(trx, id)
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'key.retire',
      subjectKind: 'key',
      subjectId: id,
      outcome: 'done',
      detail: { stillOpens: uses?.copies ?? 0 },
    })
  })
}

/** What is being stored just now is in no row yet, and a worker without the newest key goes on sealing with an older one. */
async function refuseWhileOthersSeal(catalog: Kysely<Catalog>, newest: string | null): Promise<void> {
  const behind = (await listLiveWorkers(catalog)).filter((worker) => worker.key_ids.length > 0 && newest !== null && !worker.key_ids.includes(newest))
  if (behind.length > 0) {
    const message = `The newest key is not on every worker: ${behind.map((worker) => worker.host).join(', ')} seals new backups with an older one.`
    throw new LifeboatError('refused', message, 'Bring it there, then run lifeboat key rewrap.')
  }
  const underWay = await catalog
    .selectFrom('operations')
    .select('title')
    .where('kind', 'in', ['backup', 'import', 'copy', 'restore'])
    .where('state', 'in', ['running', 'cancelling'])
    .executeTakeFirst()
  if (underWay === undefined) return
  const message = `Something is being stored: ${underWay.title}. Which keys it is sealed to is known when it has ended.`
  throw new LifeboatError('refused', message, 'Try again then.')
}
