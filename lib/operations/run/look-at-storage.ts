import type { Kysely } from 'kysely'
import { getCheck, recordChecks } from '#lib/catalog/checks.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listUsage, noteUsage } from '#lib/catalog/storage-usage.ts'
import { type StorageRow, updateStorage } from '#lib/catalog/storages.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { judgeStorage, type StorageProblem } from '#lib/domain/watch/judge-storage.ts'
import { withDeadline } from '#lib/engine/process/deadline.ts'
import { askDisk } from '#lib/engine/storage/ask-disk.ts'
import { certificateOf } from '#lib/engine/storage/certificate.ts'
import type { RunContext } from '../run-context.ts'
import { asFinding, checkPlace, type SeenPlace } from './check-place.ts'
import { storageFor } from './storage-for.ts'
import { unaskedCertificate } from './unasked-certificate.ts'

export interface StorageLookOptions {
  signal: AbortSignal
  /** also write something and read it back; else the marker is read */
  write: boolean
  /** also look when the certificate of an https endpoint ends */
  certificate: boolean
  deadlineMs?: number
}
/** What a look at a registered storage brought; nothing of it is written down yet. */
export interface StorageLooked {
  storage: StorageRow
  seen: SeenPlace
  /** null: none, or not looked at */
  certificateEndsAt: Date | null
}

const deadlines = { local: 20_000, s3: 45_000 }

/** Asks a registered storage. Never throws for what a person can mend; throws the signal's reason when aborted. */
export async function seeStorage(
  context: Pick<RunContext, 'catalog' | 'keys'>,
  storage: StorageRow,
  options: StorageLookOptions,
): Promise<StorageLooked> {
  const now = await catalogueNow(context.catalog)
  const usage = (await listUsage(context.catalog, [storage.id])).get(storage.id) ?? []
  const known = {
    storageId: storage.id,
    locks: storage.lock_mode !== null,
    budgetBytes: storage.budget_bytes,
    usedBytes: storage.used_bytes,
    usage,
    now,
  }
  const ms = options.deadlineMs ?? deadlines[storage.kind]
  const ask = async (signal: AbortSignal): Promise<SeenPlace> => {
    const { driver } = await storageFor(context, storage.id)
    try {
      return await checkPlace(signal, driver, known, options.write)
    } finally {
      await driver.close()
    }
  }
  try {
    const seen =
      storage.kind === 'local' && 'path' in storage.config
        ? await askDisk(storage.config.path, ms, ask, options.signal)
        : await withDeadline({ ms, late: () => silent(ms), signal: options.signal }, ask)
    const endpoint = 'endpoint' in storage.config ? storage.config.endpoint : undefined
    const certificateEndsAt = options.certificate && endpoint !== undefined ? await certificateOf(endpoint, options.signal) : null
    return { storage, seen, certificateEndsAt }
  } catch (thrown) {
    options.signal.throwIfAborted()
    const problem = asLifeboatError(thrown)
    const seen = { findings: [asFinding(problem)], problem, latencyMs: null, wrote: false, capacity: null, bucket: null }
    return { storage, seen, certificateEndsAt: null }
  }
}

/** What the last look left for the next one. */
export interface StorageMemory {
  status: CheckStatus | null
  /** something was last written there and came back */
  writtenAt: Date | null
  /** its marker could be read */
  lastSeenAt: Date | null
}

export async function rememberedOf(catalog: Kysely<Catalog>, storageId: string): Promise<StorageMemory> {
  const row = await getCheck(catalog, 'storage_reachable', storageId)
  const time = (name: string) => {
    const value = row?.detail[name]
    return typeof value === 'string' ? new Date(value) : null
  }
  return { status: row?.status ?? null, writtenAt: time('writtenAt'), lastSeenAt: time('lastSeenAt') }
}

/** Writes down what was seen: the storage's row, its room today, and its checks. */
export async function keepStorage(catalog: Kysely<Catalog>, looked: StorageLooked): Promise<CheckResult[]> {
  const { storage, seen } = looked
  const now = await catalogueNow(catalog)
  return catalog.transaction().execute(async (trx) => {
    const row = await noteStorage(trx, storage.id, seen, now)
    if (row === null || row.removed_at !== null) return []
    const before = await rememberedOf(trx, row.id)
    const results = judgeStorage(
      {
        id: row.id,
        name: row.name,
        kind: row.kind,
        medium: row.medium,
        lastSeenAt: seen.latencyMs === null ? before.lastSeenAt : now,
        budgetBytes: row.budget_bytes,
        usedBytes: row.used_bytes,
        totalBytes: row.total_bytes,
        freeBytes: row.free_bytes,
        usage: (await listUsage(trx, [row.id])).get(row.id) ?? [],
      },
      {
        problem: seen.problem === null ? null : problemOf(seen.problem),
        latencyMs: seen.latencyMs,
        wrote: seen.wrote,
        writtenAt: seen.wrote ? now : before.writtenAt,
        certificateEndsAt: looked.certificateEndsAt,
      },
      now,
    )
    const asked = looked.certificateEndsAt !== null
    await recordChecks(trx, now, [...results, ...(asked ? [] : await unaskedCertificate(trx, 'storage_certificate', row.id, now))])
    return results
  })
}

/** No row: the place is only being tried, and nothing is kept. */
export async function noteStorage(
  catalog: Kysely<Catalog>,
  storageId: string,
  seen: Pick<SeenPlace, 'problem' | 'bucket' | 'capacity'>,
  now: Date,
): Promise<StorageRow | null> {
  const row = await updateStorage(catalog, storageId, {
    reachable: seen.problem === null,
    checked_at: now,
    problem: seen.problem?.message ?? null,
    ...(seen.bucket === null ? {} : { bucket: JSON.stringify({ ...seen.bucket, at: now.toISOString() }) }),
    ...(seen.capacity === null ? {} : { total_bytes: seen.capacity.totalBytes, free_bytes: seen.capacity.freeBytes }),
  })
  if (row !== null && seen.capacity !== null) await noteUsage(catalog, storageId)
  return row
}

function problemOf(error: LifeboatError): StorageProblem {
  const { reply } = error.detail
  return { code: error.code, message: error.message, hint: error.hint, reply: typeof reply === 'string' ? reply : null }
}

function silent(ms: number): LifeboatError {
  return new LifeboatError(
    'storage_unreachable',
    `The storage did not answer within ${Math.round(ms / 1000)} s.`,
    'Look at the endpoint and the network between the worker and the storage.',
  )
}
