import type { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { type Preflight, preflight } from '#lib/engine/postgres/preflight.ts'
import { connectionFor, openPassword } from '../run/connection-for.ts'
import { checkPlace, type SeenPlace } from '../run/check-place.ts'
import { keepDatabase, seeDatabase } from '../run/look-at-database.ts'
import { keepStorage, noteStorage, seeStorage } from '../run/look-at-storage.ts'
import { openDriver } from '../run/storage-for.ts'
import type { Run, RunContext, RunResult } from '../run-context.ts'
import { claimPlace } from './claim-place.ts'
import type { checkInput } from './definition.ts'
import { tryChannel, tryHeartbeat } from './try-telling.ts'

type Input = z.output<typeof checkInput>

/** Looks, and says what it saw. What is wrong is a finding, not a failure: the check itself did its work. */
export const runCheck: Run<Input> = async (context, input) => {
  switch (input.of) {
    case 'database':
      return checkDatabase(context, input.databaseId)
    case 'new_database':
      return checkNewDatabase(context, input)
    case 'storage':
      return checkStorage(context, input.storageId)
    case 'new_storage':
      return checkNewStorage(context, input)
    case 'channel':
      return tryChannel(context, input.channelId)
    case 'heartbeat':
      return tryHeartbeat(context)
  }
}

/** What is seen is kept as the checks of the database too: whoever looks by hand renews what the watch says. */
async function checkDatabase(context: RunContext, databaseId: string): Promise<RunResult> {
  const { database, connection } = await connectionFor(context, databaseId)
  context.progress({ phase: `connecting to ${connection.host}` })
  const seen = await seeDatabase(context, database, { signal: context.signal, tools: context.tools })
  const looked = seen.server === null ? null : await look(context, connection)
  await context.assertCurrent()
  await keepDatabase(context.catalog, seen)
  return databaseReport(looked ?? { server: null, findings: seen.findings, tables: [] })
}

async function checkNewDatabase(context: RunContext, input: Extract<Input, { of: 'new_database' }>): Promise<RunResult> {
  const { host, port, dbname, username, sslMode, caPem } = input
  const password = openPassword(context, input.passwordSealed, input.databaseId)
  return databaseReport(await look(context, { host, port, dbname, username, password, sslMode, caPem, applicationName: context.applicationName }))
}

function look(context: RunContext, connection: Connection): Promise<Preflight> {
  context.progress({ phase: `connecting to ${connection.host}` })
  return preflight(connection, { tools: context.tools, stagingDir: null, signal: context.signal, forKind: 'check' })
}

function databaseReport(looked: Pick<Preflight, 'server' | 'findings' | 'tables'>): RunResult {
  const { server, findings, tables } = looked
  return { result: { check: { of: 'database', ok: isOk(server !== null, findings), server, tables: tables.length } }, findings }
}

async function checkStorage(context: RunContext, storageId: string): Promise<RunResult> {
  const storage = await getStorage(context.catalog, storageId)
  if (storage === null) throw new LifeboatError('not_found', 'This storage is not registered any more.', 'Add it again, then repeat.')
  context.progress({ phase: `writing to ${storage.name} and reading back` })
  const looked = await seeStorage(context, storage, { signal: context.signal, write: true, certificate: true })
  await context.assertCurrent()
  // on another machine than those that reach it, its absence is no news
  const elsewhere = looked.seen.problem?.code === 'storage_absent' && (await someWorkerReaches(context.catalog, storageId))
  if (!elsewhere) await keepStorage(context.catalog, looked)
  return storageReport(storageId, looked.seen)
}

async function someWorkerReaches(catalog: RunContext['catalog'], storageId: string): Promise<boolean> {
  return (await listLiveWorkers(catalog)).some((worker) => worker.storage_ids.includes(storageId))
}

/** A place that is about to become a storage. When everything works, the run claims it: marker, recovery guide and rescue script. The report's storageId is the one to register it under. */
async function checkNewStorage(context: RunContext, input: Extract<Input, { of: 'new_storage' }>): Promise<RunResult> {
  const place = { kind: input.kind, config: input.config, secretSealed: input.secretSealed, storageId: input.storageId }
  context.progress({ phase: 'looking at the place' })
  const claimed = await claimPlace(context, place)
  if (claimed.storageId === null) {
    const [{ code, message, remedy }] = claimed.findings
    const seen = {
      findings: claimed.findings,
      problem: new LifeboatError('failed', message, remedy, { detail: { code } }),
      capacity: null,
      bucket: null,
    }
    await note(context, input.storageId, seen)
    return storageReport(input.storageId, seen)
  }
  const driver = openDriver(context, place, claimed.storageId)
  try {
    const known = {
      storageId: claimed.storageId,
      locks: false,
      budgetBytes: null,
      usedBytes: null,
      usage: [],
      now: await catalogueNow(context.catalog),
    }
    const place = await checkPlace(context.signal, driver, known, true)
    const seen = { ...place, findings: [...claimed.findings, ...place.findings] }
    await note(context, input.storageId, seen)
    return storageReport(claimed.storageId, seen)
  } finally {
    await driver.close()
  }
}

async function note(context: RunContext, storageId: string, seen: Parameters<typeof noteStorage>[2]): Promise<void> {
  await context.assertCurrent()
  await noteStorage(context.catalog, storageId, seen, await catalogueNow(context.catalog))
}

function storageReport(storageId: string, seen: Pick<SeenPlace, 'findings' | 'capacity'>): RunResult {
  return { result: { check: { of: 'storage', ok: isOk(true, seen.findings), storageId, capacity: seen.capacity } }, findings: seen.findings }
}

function isOk(reached: boolean, findings: readonly Finding[]): boolean {
  return reached && findings.every((one) => one.severity !== 'blocker')
}
