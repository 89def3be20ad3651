import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { currentKey, listKeys, markRetired } from '#lib/catalog/keys.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { isSealedTo, listSecrets } from '#lib/catalog/secrets.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'

/**
 * An older master key is given up: no copy opens with it alone and no secret is sealed to anything but the newest. Its file may then be
 * destroyed. Throws `forbidden`, `not_found`, and `refused` with what still needs it.
 */
export async function retireKey(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  if (!allows(actor.role, 'key.manage')) throw new LifeboatError('forbidden', reasonDenied('key.manage'))
  const row = (await listKeys(catalog)).find((one) => one.id === id && one.purpose === 'active')
  if (row === undefined) throw new LifeboatError('not_found', 'There is no such master key.', 'lifeboat key list names them.')
  if ((await currentKey(catalog, 'active'))?.id === id)
    throw new LifeboatError('refused', 'This key seals every new backup.', 'Rotate it first: lifeboat key rotate, on the machine that holds it.')
  const uses = (await readKeys(catalog, actor)).keys.find((one) => one.id === id)
  if (uses !== undefined && uses.onlyOpener > 0) {
    const message = `${uses.onlyOpener} copies open with no other master key.`
    throw new LifeboatError('refused', message, 'Seal the keys anew first: lifeboat key rewrap. Storages that are absent have to be back for it.')
  }
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
