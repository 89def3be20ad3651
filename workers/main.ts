import { readFileSync } from 'node:fs'
import path from 'node:path'
import { auditHeadFile, recordAuditHead } from '#lib/catalog/audit-head.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { knownSessionSecret } from '#lib/auth/session-secret.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { catalogUrl, openCatalog } from '#lib/catalog/pool.ts'
import { armFailPoint } from '#lib/engine/process/failpoint.ts'
import { env } from '#lib/env.ts'
import { loadEnvFiles } from '#lib/env-files.ts'
import { log } from '#lib/log.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { deliver } from './deliver.ts'
import { watchMachine } from './machine.ts'
import { lookAfterSwaps } from './look-after-swaps.ts'
import { probeNativeBackups } from './probes/native-backups.ts'
import { probeDatabases } from './probes/databases.ts'
import { probeStorages } from './probes/storages.ts'
import { putRight } from './put-right.ts'
import { registerCatalogue } from './register-catalogue.ts'
import { registerTold } from './register-told.ts'
import { runners } from './runners.ts'
import { runSchedules } from './scheduler.ts'
import { takeStaging } from './staging.ts'
import { watch } from './watch.ts'
import { upkeepTasks } from './upkeep/tasks.ts'
import { lookAfterUpkeep } from './upkeep.ts'
import { startWorker } from './worker.ts'

// npm run worker: claims operations and runs them until SIGTERM.
loadEnvFiles(process.env.LIFEBOAT_ROOT ?? process.cwd())
armFailPoint(env().LIFEBOAT_FAILPOINT)
auditKey()

const staging = takeStaging(env().LIFEBOAT_STAGING, 'worker')
const machine = watchMachine()
/** what is being asked when the worker stops is called off */
const stopped = new AbortController()

// The handlers stand before the worker does: a stop that comes while it starts is carried out as soon as it has.
const starting = startWorker({
  url: catalogUrl(),
  runners,
  concurrency: env().LIFEBOAT_CONCURRENCY,
  stagingRoot: staging.directory,
  healthPort: env().LIFEBOAT_WORKER_PORT,
  version: version(),
  machine,
  putRight: async (catalog, operation) => putRight(catalog, await machine(catalog), operation),
  afterReap: async (catalog) => {
    await recordAuditHead(catalog, auditHeadFile())
    await lookAfterSwaps(catalog, await machine(catalog))
  },
  rounds: [
    {
      what: 'serve the schedules',
      everyMs: 5_000,
      run: async (catalog) => {
        await runSchedules(catalog, await catalogueNow(catalog))
      },
    },
    {
      what: 'make a round of the watch',
      everyMs: 15_000,
      run: async (catalog) => watch(catalog, (await machine(catalog)).keys),
    },
    {
      what: 'ask the databases how they are',
      everyMs: 5_000,
      run: async (catalog) => probeDatabases(catalog, await machine(catalog), stopped.signal),
    },
    {
      what: 'ask the storages how they are',
      everyMs: 15_000,
      run: async (catalog) => probeStorages(catalog, await machine(catalog), stopped.signal),
    },
    {
      what: 'ask Supabase what it keeps',
      everyMs: 60_000,
      run: (catalog) => probeNativeBackups(catalog, stopped.signal),
    },
    {
      what: 'deliver messages',
      everyMs: 5_000,
      run: async (catalog) => deliver(catalog, (await machine(catalog)).keys),
    },
    {
      what: 'look after the upkeep',
      everyMs: 60_000,
      run: async (catalog) => {
        await lookAfterUpkeep(catalog, upkeepTasks, await catalogueNow(catalog))
      },
    },
  ],
})

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    stopped.abort()
    log.info('the worker stops', { signal })
    // its own limit is 27 s; whatever hangs after that must not keep a deploy waiting
    setTimeout(() => process.exit(1), 29_000).unref()
    starting
      .then((worker) => worker.stop())
      .then(
        () => {
          staging.release()
          process.exit(0)
        },
        (error: unknown) => {
          log.error('the worker did not stop cleanly', { reason: asLifeboatError(error).message })
          process.exit(1)
        },
      )
  })
}

try {
  await starting
  const catalog = openCatalog(catalogUrl(), { max: 1, applicationName: 'lifeboat worker' })
  try {
    const { keys } = await machine(catalog)
    if (keys !== null) {
      await registerCatalogue(catalog, catalogUrl(), keys.sealing.publicKeyPem)
      // whoever cannot be told is no reason to back nothing up
      await registerTold(catalog, env(), { ring: keys, webSecret: knownSessionSecret() }).catch((error: unknown) => {
        log.error('the channels of the environment could not be kept', { reason: asLifeboatError(error).message })
      })
    }
  } finally {
    await catalog.destroy()
  }
} catch (thrown) {
  const error = asLifeboatError(thrown)
  log.error('the worker could not start', { reason: error.message, hint: error.hint })
  process.exit(1)
}

function version(): string {
  const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string }
  return version
}
