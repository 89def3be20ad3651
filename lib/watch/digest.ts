import type { Kysely } from 'kysely'
import { listDigestChannels, listDigestPeriods, readDigestFacts, wasTold } from '#lib/catalog/digest.ts'
import { insertMessage } from '#lib/catalog/messages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { composeDigest } from '#lib/domain/watch/compose-digest.ts'
import { digestFrom, dueDigest, toldUntil } from '#lib/domain/watch/digest-period.ts'

/**
 * Puts the digests that are due into the outbox: one per channel and period, whoever does it and however often; one that an outage held up comes
 * once, late, and says so. `now`: the catalogue's clock. Returns how many were made.
 */
export async function digest(catalog: Kysely<Catalog>, now: Date): Promise<number> {
  let made = 0
  for (const channel of await listDigestChannels(catalog)) {
    const due = dueDigest(channel.every, { now, since: channel.since })
    if (due === null || (await wasTold(catalog, channel.id, due.key))) continue
    const from = digestFrom(channel.every, due.to, toldUntil(await listDigestPeriods(catalog, channel.id, channel.every)))
    const content = composeDigest(await readDigestFacts(catalog, channel, { from, to: due.to }, now))
    const put = await insertMessage(catalog, {
      channelId: channel.id,
      dedupeKey: due.key,
      topic: 'digest',
      severity: null,
      content,
      at: now,
    })
    if (put) made += 1
  }
  return made
}
