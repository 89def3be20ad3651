import type { Kysely } from 'kysely'
import { appendAudit, type AuditEntry } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { isSealedTo, type KeptSecret, listSecrets, replaceSecret } from '#lib/catalog/secrets.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { passwordPlace, storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { openSealed } from './open-sealed.ts'

export interface Resealed {
  resealed: number
  /** live workers that do not hold the newest key yet: as long as there are any, nothing is sealed anew, for they could not open it */
  waitingFor: { host: string; keyIds: string[] }[]
  /** secrets that no key at hand opens, or that are damaged */
  unopened: { place: string; problem: string }[]
}

/**
 * Seals the passwords and credentials of the catalogue to the newest key. One transaction for each, so a death leaves every one readable, and
 * the next run goes on with what is left.
 */
export async function resealSecrets(
  catalog: Kysely<Catalog>,
  ring: KeyRing,
  actor: Pick<AuditEntry, 'actorKind' | 'actorId' | 'actorName'>,
): Promise<Resealed> {
  const lacking = (await listLiveWorkers(catalog)).filter((worker) => !worker.key_ids.includes(ring.keyId))
  const waitingFor = lacking.map((worker) => ({ host: worker.host, keyIds: worker.key_ids }))
  const done: Resealed = { resealed: 0, waitingFor, unopened: [] }
  if (waitingFor.length > 0) return done
  for (const secret of await listSecrets(catalog)) {
    if (isSealedTo(secret.sealed, ring.sealing.publicKeyPem)) continue
    const place = placeOf(secret)
    try {
      const sealed = sealSecret(openSealed(secret.sealed, ring, place), ring.sealing.publicKeyPem, place)
      const replaced = await catalog.transaction().execute(async (trx) => {
        if (!(await replaceSecret(trx, secret, sealed))) return false
        await appendAudit(trx, auditKey(), {
          ...actor,
          action: 'secret.reseal',
          subjectKind: secret.table === 'databases' ? 'database' : 'storage',
          subjectId: secret.id,
          outcome: 'done',
          detail: { keyId: ring.keyId },
        })
        return true
      })
      if (replaced) done.resealed += 1
      failPoint('reseal.one')
    } catch (thrown) {
      const error = asLifeboatError(thrown)
      if (!(thrown instanceof LifeboatError && ['wrong_key', 'corrupt'].includes(error.code))) throw thrown
      done.unopened.push({ place: secret.name, problem: error.message })
    }
  }
  return done
}

function placeOf(secret: KeptSecret): string {
  return secret.table === 'databases' ? passwordPlace(secret.id) : storageSecretPlace(secret.id)
}
