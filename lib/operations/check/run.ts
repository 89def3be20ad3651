import type { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { listUsage, noteUsage } from '#lib/catalog/storage-usage.ts'
import { updateDatabase } from '#lib/catalog/databases.ts'
import { updateStorage } from '#lib/catalog/storages.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { type Preflight, preflight } from '#lib/engine/postgres/preflight.ts'
import { connectionFor, openPassword } from '../run/connection-for.ts'
import { openDriver, storageFor } from '../run/storage-for.ts'
import type { Run, RunContext, RunResult } from '../run-context.ts'
import { checkPlace } from './check-place.ts'
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

async function checkDatabase(context: RunContext, databaseId: string): Promise<RunResult> {
  const { connection } = await connectionFor(context, databaseId)
  const looked = await look(context, connection)
  const problem = looked.findings.find((one) => one.severity === 'blocker')
  await context.assertCurrent()
  await updateDatabase(context.catalog, databaseId, {
    reachable: looked.server !== null,
    checked_at: new Date(),
    problem: problem?.message ?? null,
    ...(looked.server === null
      ? {}
      : {
          server_version: looked.server.version,
          server_version_num: looked.server.versionNum,
          tls_version: looked.server.tlsVersion,
          system_identifier: looked.server.systemIdentifier,
          size_bytes: looked.server.databaseBytes,
        }),
  })
  return databaseReport(looked)
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

function databaseReport(looked: Preflight): RunResult {
  const { server, findings, tables } = looked
  return { result: { check: { of: 'database', ok: isOk(server !== null, findings), server, tables: tables.length } }, findings }
}

async function checkStorage(context: RunContext, storageId: string): Promise<RunResult> {
  const { storage, driver } = await storageFor(context, storageId)
  try {
    context.progress({ phase: `writing to ${storage.name} and reading back` })
    const usage = (await listUsage(context.catalog, [storageId])).get(storageId) ?? []
    const locks = storage.lock_mode !== null
    const known = {
      storageId,
      locks,
      budgetBytes: storage.budget_bytes,
      usedBytes: storage.used_bytes,
      usage,
      now: await catalogueNow(context.catalog),
    }
    const seen = await checkPlace(context, driver, known)
    await noteStorage(context, storageId, seen)
    return storageReport(storageId, seen)
  } finally {
    await driver.close()
  }
}

/** A place that is about to become a storage. When everything works, the run claims it: marker, recovery guide and rescue script. The report's storageId is the one to register it under. */
async function checkNewStorage(context: RunContext, input: Extract<Input, { of: 'new_storage' }>): Promise<RunResult> {
  const place = { kind: input.kind, config: input.config, secretSealed: input.secretSealed, storageId: input.storageId }
  context.progress({ phase: 'looking at the place' })
  const claimed = await claimPlace(context, place)
  if (claimed.storageId === null) {
    const seen = { findings: claimed.findings, capacity: null, bucket: null }
    await noteStorage(context, input.storageId, seen)
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
    const place = await checkPlace(context, driver, known)
    const seen = { ...place, findings: [...claimed.findings, ...place.findings] }
    await noteStorage(context, input.storageId, seen)
    return storageReport(claimed.storageId, seen)
  } finally {
    await driver.close()
  }
}

/** No row: the place is only being tried, and nothing is kept. */
async function noteStorage(context: RunContext, storageId: string, seen: Awaited<ReturnType<typeof checkPlace>>): Promise<void> {
  const problem = seen.findings.find((one) => one.severity === 'blocker')
  await context.assertCurrent()
  await updateStorage(context.catalog, storageId, {
    reachable: problem === undefined,
    checked_at: new Date(),
    problem: problem?.message ?? null,
    ...(seen.bucket === null ? {} : { bucket: JSON.stringify({ ...seen.bucket, at: new Date().toISOString() }) }),
    ...(seen.capacity === null ? {} : { total_bytes: seen.capacity.totalBytes, free_bytes: seen.capacity.freeBytes }),
  })
  if (seen.capacity !== null) await noteUsage(context.catalog, storageId)
}

function storageReport(storageId: string, seen: Awaited<ReturnType<typeof checkPlace>>): RunResult {
  return { result: { check: { of: 'storage', ok: isOk(true, seen.findings), storageId, capacity: seen.capacity } }, findings: seen.findings }
}

function isOk(reached: boolean, findings: readonly Finding[]): boolean {
  return reached && findings.every((one) => one.severity !== 'blocker')
}
