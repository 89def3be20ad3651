import type { Kysely } from 'kysely'
import { listStranded, listWaiting } from '#lib/catalog/attempts.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { forgetSilentWorkers } from '#lib/catalog/workers.ts'
import { log } from '#lib/log.ts'
import { cancelStranded, interruptExpired } from '#lib/operations/finish.ts'
import { ring } from '#lib/queue/ring.ts'

/** A bell that nobody answered for this long rings again. */
const ringAgainSeconds = 15

/** Asked before an interrupted operation gives up its target's lock: is every server backend of the attempt gone? */
export type MayRelease = (catalog: Kysely<Catalog>, operation: OperationRow) => Promise<boolean>

/** One round; any number of workers may do it at once, every statement checks again. */
export async function reap(catalog: Kysely<Catalog>, mayRelease: MayRelease = async () => true): Promise<void> {
  for (const row of await interruptExpired(catalog, (operation) => mayRelease(catalog, operation))) {
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
