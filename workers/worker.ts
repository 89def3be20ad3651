import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Kysely } from 'kysely'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { assertSchemaIsCurrent, knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { assertSessionConnection, openCatalog } from '#lib/catalog/pool.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { endWorker, heartbeat, registerWorker } from '#lib/catalog/workers.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'
import type { PutRight } from '#lib/operations/finish.ts'
import { openBoss } from '#lib/queue/boss.ts'
import { openHealth } from './health.ts'
import { factsOf, type Machine } from './machine.ts'
import { reap } from './reaper.ts'
import { type Runners, runAttempt, type Workshop } from './runner.ts'

export interface WorkerOptions {
  /** the catalogue, through a session connection */
  url: string
  runners: Runners
  concurrency: number
  stagingRoot: string
  healthPort: number
  version: string
  /** the newest migration that this program knows; tests play an old program */
  schemaVersion?: string
  /** what this machine has, looked at again with every heartbeat */
  machine: (catalog: Kysely<Catalog>) => Promise<Machine>
  /** asked by the reaper of every dead attempt, before its operation is marked */
  putRight?: (catalog: Kysely<Catalog>, operation: OperationRow) => ReturnType<PutRight>
  /** called after every reaper round, for instance to note the audit trail's head */
  afterReap?: (catalog: Kysely<Catalog>) => Promise<void>
  /** what every worker looks after besides, each in rounds of its own */
  rounds?: readonly Round[]
}

export interface Round {
  /** for the log: `the worker could not <what>` */
  what: string
  everyMs: number
  run: (catalog: Kysely<Catalog>) => Promise<void>
}

export interface Worker {
  id: string
  healthPort: number
  /** No new claims; running attempts end cleanly; takes at most 27 s. */
  stop(): Promise<void>
}

const heartbeatMs = 5_000
const reapMs = 10_000
/** the floor under the doorbell: a bell that a full or dying worker swallowed costs at most this */
const pollMs = 2_000
const stopMs = 22_000

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const catalog = openCatalog(options.url, { applicationName: 'lifeboat worker', max: options.concurrency * 2 + 6 })
  try {
    return await startWorkerOn(catalog, options)
  } catch (error) {
    await catalog.destroy()
    throw error
  }
}

async function startWorkerOn(catalog: Kysely<Catalog>, options: WorkerOptions): Promise<Worker> {
  const id = randomUUID()
  const schemaVersion = options.schemaVersion ?? knownSchemaVersion()
  const shutdown = new AbortController()
  const running = new Map<string, Promise<void>>()
  let claiming = 0

  await assertSessionConnection(catalog)
  await assertSchemaIsCurrent(catalog, schemaVersion)
  let machine = await options.machine(catalog)
  await registerWorker(catalog, { ...factsOf(machine), id, host: hostname(), pid: process.pid, version: options.version, schemaVersion })

  /** Claims one operation if a place is free: the named one, or the oldest that this worker can run. */
  const claim = async (operationId?: string): Promise<boolean> => {
    if (shutdown.signal.aborted || running.size + claiming >= options.concurrency) return false
    claiming += 1
    try {
      const operation = await claimOperation(catalog, { workerId: id, schemaVersion, ...factsOf(machine) }, operationId)
      if (operation === null) return false
      const workshop: Workshop = {
        catalog,
        workerId: id,
        runners: options.runners,
        keys: machine.keys,
        tools: machine.tools,
        stagingRoot: options.stagingRoot,
        shutdown: shutdown.signal,
      }
      const ended = runAttempt(workshop, operation).finally(() => {
        running.delete(operation.id)
        void claimMore()
      })
      running.set(operation.id, ended)
      return true
    } finally {
      claiming -= 1
    }
  }
  const claimMore = () =>
    attempt('look for work', async () => {
      while (await claim()) {
        // until no place is free or nothing is left
      }
    })

  const boss = await openBoss(options.url)
  await boss.answer(async (operationId) => {
    await claim(operationId)
  })
  const rounds = [
    every(pollMs, claimMore),
    every(heartbeatMs, () =>
      attempt('send its heartbeat', async () => {
        machine = await options.machine(catalog)
        await heartbeat(catalog, id, factsOf(machine))
      }),
    ),
    every(reapMs, () =>
      attempt('reap', async () => {
        const { putRight } = options
        await reap(catalog, putRight && ((operation) => putRight(catalog, operation)))
        await options.afterReap?.(catalog)
      }),
    ),
    ...(options.rounds ?? []).map((round) =>
      every(round.everyMs, () =>
        attempt(round.what, async () => {
          // a migration under a running worker ends its rounds, as it ends its claims
          await assertSchemaIsCurrent(catalog, schemaVersion)
          await round.run(catalog)
        }),
      ),
    ),
  ]
  const health = await openHealth(options.healthPort, () => ({
    status: shutdown.signal.aborted ? 'stopping' : 'up',
    worker: id,
    running: running.size,
  }))
  log.info('the worker is ready', { worker: id, healthPort: health.port, schemaVersion, tools: factsOf(machine).toolMajors })

  return {
    id,
    healthPort: health.port,
    async stop() {
      shutdown.abort()
      for (const round of rounds) round.stop()
      // each step has its limit: behind a half-open connection pg-boss waits for ever, and a deploy does not
      await Promise.all([
        within(5_000, Promise.all([boss.close(), ...rounds.map((round) => round.idle())])),
        within(stopMs, Promise.all(running.values())),
      ])
      await within(
        2_000,
        attempt('sign off', () => endWorker(catalog, id)),
      )
      await health.close()
      await within(2_000, catalog.destroy())
    },
  }
}

/** Rounds survive a catalogue that is away: the next one tries again. */
async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    log.warn(`the worker could not ${what}`, { reason: asLifeboatError(error).message })
  }
}

function every(ms: number, work: () => Promise<void>): { stop(): void; idle(): Promise<void> } {
  let current: Promise<void> = Promise.resolve()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    current = work().finally(() => {
      busy = false
    })
  }, ms)
  return { stop: () => clearInterval(timer), idle: () => current }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}
