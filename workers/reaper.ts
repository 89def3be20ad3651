import type { Kysely } from 'kysely'
import { listStranded, listWaiting } from '#lib/catalog/attempts.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { forgetSilentWorkers } from '#lib/catalog/workers.ts'
import { log } from '#lib/log.ts'
import { cancelStranded, interruptExpired, type PutRight } from '#lib/operations/finish.ts'
import { ring } from '#lib/queue/ring.ts'

/** A bell that nobody answered for this long rings again. */
const ringAgainSeconds = 15

/** One round; any number of workers may do it at once, every statement checks again. */
export async function reap(catalog: Kysely<Catalog>, putRight: PutRight = async () => null): Promise<void> {
  for (const row of await interruptExpired(catalog, putRight)) {
    log.warn('an operation lost its worker', { operation: row.id, kind: row.kind, worker: row.worker_id })
  }
  for (const stranded of await listStranded(catalog)) {
    const predecessor = stranded.after === null ? null : await getOperation(catalog, stranded.after)
    if (predecessor !== null) await cancelStranded(catalog, predecessor)
  }
  const waiting = await listWaiting(catalog, ringAgainSeconds)
  if (waiting.length > 0) await catalog.transaction().execute((trx) => ring(trx, waiting))
  await forgetSilentWorkers(catalog)
}
