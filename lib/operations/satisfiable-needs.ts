import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Needs } from './definition.ts'

/**
 * What of `needs` one live worker has, so that no operation waits for ever for what nobody has. A server that is newer than every worker's
 * tools is refused here, by name. A storage that no worker reaches (an unmounted disk) is left out: the run then says so for that copy
 * and goes on with the others. With no live worker everything stays as it is, for the one that comes.
 */
export async function satisfiableNeeds(catalog: Kysely<Catalog>, needs: Needs): Promise<Needs> {
  const { serverMajor, keyId, storageIds = [] } = needs
  if (needs.workerId !== undefined) return needs
  if (serverMajor === undefined && keyId === undefined && storageIds.length === 0) return needs
  const workers = await listLiveWorkers(catalog)
  if (workers.length === 0) return needs
  const able = workers.filter((worker) => Math.max(0, ...worker.tool_majors) >= (serverMajor ?? 0))
  if (able.length === 0) {
    const newest = Math.max(0, ...workers.flatMap((worker) => worker.tool_majors))
    throw new LifeboatError(
      'server_too_new',
      `The server is PostgreSQL ${serverMajor}, and ${newest === 0 ? 'no living worker has client tools' : `the newest client tools of a living worker are of ${newest}`}.`,
      `Nothing was queued. Install postgresql-client-${serverMajor} on a worker’s machine; it is noticed within seconds.`,
    )
  }
  const keyed = keyId === undefined ? able : able.filter((worker) => worker.key_ids.includes(keyId))
  const candidates = keyed.length > 0 ? keyed : able
  const reached = candidates
    .map((worker) => storageIds.filter((id) => worker.storage_ids.includes(id)))
    .reduce((most, ids) => (ids.length > most.length ? ids : most), [])
  return {
    ...(serverMajor === undefined ? {} : { serverMajor }),
    ...(keyId !== undefined && keyed.length > 0 ? { keyId } : {}),
    ...(storageIds.length > 0 ? { storageIds: reached } : {}),
  }
}
