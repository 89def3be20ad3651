import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { env } from '#lib/env.ts'
import { openChannel } from '#lib/operations/run/open-channel.ts'
import { deliverMessages } from '#lib/watch/deliver.ts'

/** A worker's round of the outbox. One that holds no key opens no channel: it leaves the messages to those that do. */
export async function deliver(catalog: Kysely<Catalog>, keys: KeyRing | null): Promise<void> {
  if (keys === null) return
  await deliverMessages(catalog, {
    open: (channel) => openChannel(channel, keys),
    baseUrl: env().LIFEBOAT_URL ?? null,
    clock: () => catalogueNow(catalog),
  })
}
