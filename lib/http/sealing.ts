import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { sealingRecipient } from '#lib/catalog/sealing-recipient.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { sessionSecret } from '#lib/auth/session-secret.ts'
import { sealForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace, channelSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'

/** Seals what a person typed so that only a worker can read it; `place` binds it to its row. Throws `unavailable` while no worker gave its key. */
export async function sealTyped(catalog: Kysely<Catalog>, plain: string, place: string): Promise<string> {
  const publicPem = await sealingRecipient(catalog)
  if (publicPem) return sealSecret(plain, publicPem, place)
  const hint = 'Nothing was saved. Start a worker with LIFEBOAT_KEY; secrets are sealed to it and the web cannot read them.'
  throw new LifeboatError('unavailable', 'No worker has given its public key yet.', hint)
}

/** A channel's secret: for the workers, and for the web itself, which tells people when no worker lives. */
export async function sealChannel(catalog: Kysely<Catalog>, channelId: string, plain: string): Promise<{ sealed: string; forWeb: string }> {
  return {
    sealed: await sealTyped(catalog, plain, channelSecretPlace(channelId)),
    forWeb: sealForWeb(plain, sessionSecret(), channelSecretForWebPlace(channelId)),
  }
}
