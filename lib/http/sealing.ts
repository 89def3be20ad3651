import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { sealingRecipient } from '#lib/catalog/sealing-recipient.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { sealSecret } from '#lib/secrets/seal.ts'

/** Seals what a person typed so that only a worker can read it; `place` binds it to its row. Throws `unavailable` while no worker gave its key. */
export async function sealTyped(catalog: Kysely<Catalog>, plain: string, place: string): Promise<string> {
  const publicPem = await sealingRecipient(catalog)
  if (publicPem) return sealSecret(plain, publicPem, place)
  const hint = 'Nothing was saved. Start a worker with LIFEBOAT_KEY; secrets are sealed to it and the web cannot read them.'
  throw new LifeboatError('unavailable', 'No worker has given its public key yet.', hint)
}
