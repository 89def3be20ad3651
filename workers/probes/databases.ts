import type { Kysely } from 'kysely'
import { listDatabases } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { keepDatabase, seeDatabase } from '#lib/operations/run/look-at-database.ts'
import type { Machine } from '../machine.ts'
import { askAll } from './ask-all.ts'

/** A network that is gone makes many hang at the same time, and each takes its whole time limit; an asking is a few short queries. */
const atOnce = 24

/** Every database is asked once a minute, as a backup would ask it. A machine without a key leaves that to those that can open the passwords. */
export async function probeDatabases(catalog: Kysely<Catalog>, machine: Machine, signal: AbortSignal): Promise<void> {
  if (machine.keys === null && (await listLiveWorkers(catalog)).some((worker) => worker.sealing_key !== null)) return
  const databases = (await listDatabases(catalog)).filter((database) => database.username !== '')
  const byId = new Map(databases.map((database) => [database.id, database]))
  await askAll(catalog, {
    kind: 'database',
    subjects: [...byId.keys()],
    everySeconds: checkKinds.database_reachable.everySeconds,
    atOnce,
    signal,
    async ask(id) {
      const database = byId.get(id)
      if (database === undefined) return
      const opener = { catalog, keys: machine.keys, applicationName: 'lifeboat watch' }
      await keepDatabase(catalog, await seeDatabase(opener, database, { signal, tools: machine.tools }))
    },
  })
}
