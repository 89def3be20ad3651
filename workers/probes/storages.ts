import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { keepStorage, rememberedOf, seeStorage } from '#lib/operations/run/look-at-storage.ts'
import type { Machine } from '../machine.ts'
import { askAll } from './ask-all.ts'

const atOnce = 4
/** on a bucket each request costs: its marker is read every time, something is written and read back once an hour, and while it is not well */
const writeEveryMs = 3_600_000

/** Every storage is asked every five minutes. A local one is asked by a machine that sees it; where none does, any machine may say so. */
export async function probeStorages(catalog: Kysely<Catalog>, machine: Machine, signal: AbortSignal): Promise<void> {
  const [storages, live] = [await listStorages(catalog), await listLiveWorkers(catalog)]
  const byId = new Map(storages.map((storage) => [storage.id, storage]))
  const mine = storages.filter((storage) => isMine(storage, machine, live))
  await askAll(catalog, {
    kind: 'storage',
    subjects: [...byId.keys()],
    among: mine.map((storage) => storage.id),
    everySeconds: checkKinds.storage_reachable.everySeconds,
    atOnce,
    signal,
    async ask(id) {
      const storage = byId.get(id)
      if (storage === undefined) return
      const now = await catalogueNow(catalog)
      const { status, writtenAt } = await rememberedOf(catalog, id)
      const write = storage.kind === 'local' || status !== 'ok' || writtenAt === null || now.getTime() - writtenAt.getTime() >= writeEveryMs
      await keepStorage(catalog, await seeStorage({ catalog, keys: machine.keys }, storage, { signal, write, certificate: write }))
    },
  })
}

function isMine(storage: StorageRow, machine: Machine, live: readonly { storage_ids: string[]; sealing_key: string | null }[]): boolean {
  if (storage.kind === 'local') return machine.storageIds.includes(storage.id) || !live.some((worker) => worker.storage_ids.includes(storage.id))
  return machine.keys !== null || !live.some((worker) => worker.sealing_key !== null)
}
