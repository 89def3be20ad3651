import type { Kysely } from 'kysely'
import { appendAudit, type AuditEntry } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { isSealedTo, type KeptSecret, listSecrets, replaceSecret } from '#lib/catalog/secrets.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { channelSecretPlace, heartbeatUrlPlace, passwordPlace, storageSecretPlace } from '#lib/secrets/places.ts'
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
 * Seals the passwords, credentials and addresses of the catalogue to the newest key. One transaction for each, so a death leaves every one readable, and
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
    const place = kept[secret.table].place(secret.id)
    try {
      const sealed = sealSecret(openSealed(secret.sealed, ring, place), ring.sealing.publicKeyPem, place)
      const replaced = await catalog.transaction().execute(async (trx) => {
        if (!(await replaceSecret(trx, secret, sealed))) return false
        await appendAudit(trx, auditKey(), {
          ...actor,
          action: 'secret.reseal',
          subjectKind: kept[secret.table].subject,
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

const kept = {
  databases: { subject: 'database', place: passwordPlace },
  storages: { subject: 'storage', place: storageSecretPlace },
  channels: { subject: 'channel', place: channelSecretPlace },
  settings: { subject: 'setting', place: heartbeatUrlPlace },
} satisfies Record<KeptSecret['table'], { subject: string; place: (id: string) => string }>
