import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { log } from '#lib/log.ts'
import { openSealed } from '#lib/operations/run/open-sealed.ts'
import { heartbeatUrlPlace } from '#lib/secrets/places.ts'
import { beat } from '#lib/watch/beat.ts'
import { digest } from '#lib/watch/digest.ts'
import { escalate } from '#lib/watch/escalate.ts'
import { keepToClock } from '#lib/watch/keep-to-clock.ts'
import { watchRound } from '#lib/watch/round.ts'
import { tellNews } from '#lib/watch/tell.ts'

/**
 * A worker's round of the watch: look, settle the alerts, put what follows from them into the outbox, and tell the outside that all of that was
 * done. `keys` null: the address of the heartbeat cannot be opened here, and another worker sends it.
 */
export async function watch(catalog: Kysely<Catalog>, keys: KeyRing | null): Promise<void> {
  const now = await catalogueNow(catalog)
  await keepToClock(catalog, now)
  await watchRound(catalog, now)
  await tellNews(catalog, now)
  await escalate(catalog, now)
  try {
    await digest(catalog, now)
  } catch (error) {
    // no news is lost by it: the next round composes it, and the heartbeat tells of the checks alone
    log.warn('a digest could not be composed', { reason: asLifeboatError(error).message })
  }
  if (keys !== null) await beat(catalog, now, { open: (sealed) => openSealed(sealed, keys, heartbeatUrlPlace()) })
}
