import { randomUUID } from 'node:crypto'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { backupName, backupPath } from '#lib/domain/names.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { Tier } from '#lib/domain/states.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { dump } from '#lib/engine/postgres/dump.ts'
import type { Preflight, ServerFacts } from '#lib/engine/postgres/preflight.ts'
import { chooseTool } from '#lib/engine/postgres/tools.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { newBackupKey } from '#lib/engine/seal/keys.ts'
import { requireKeys } from '../connection-for.ts'
import type { RunContext, RunResult } from '../../run-context.ts'
import type { Target } from './fan-out.ts'
import { backupProgress } from './progress.ts'
import { previousManifestSha256, recordBegun, recordFailed, recordStored } from './record.ts'
import { removeAttempt } from './remove-attempt.ts'
import { openEntryStore } from './store-entries.ts'
import { storeGlobals } from './store-globals.ts'
import { storeKey } from './store-key.ts'
import { buildManifest, storeManifest } from './store-manifest.ts'
import { suspicion } from './suspicion.ts'

/** Parallel dump workers and entries being sealed at once. */
export const dumpJobs = 2
/** The drivers end a connection that is idle for 60 s themselves; this only bounds how long a slow one, busy with its parts, holds the others back. */
const storageStallMs = 300_000

export interface BackupSource {
  /** whose backup this is */
  database: DatabaseRow
  /** what is dumped */
  connection: Connection
  looked: { server: ServerFacts; needs: Preflight['needs']; settings: Manifest['settings']; tables: Preflight['tables'] }
  tier: Tier
  targets: readonly Target[]
  /** absent: a backup of the database as it is now. Else where its content comes from, and of when it is */
  imported?: { origin: NonNullable<Manifest['origin']>; takenAt: Date }
  /** looks at what was dumped; a throw leaves no backup */
  accept?(manifest: Manifest): void
}

export interface TakenBackup {
  id: string
  name: string
  tier: Tier
  manifest: Manifest
  /** what went less well, with the backup whole */
  findings: readonly Finding[]
}

/** One dump, many copies: DESIGN.md section 3. The manifest comes last; before it, no copy exists, and a failure leaves nothing behind. */
export async function takeBackup(context: RunContext, source: BackupSource): Promise<TakenBackup> {
  const { database, targets, looked, tier, imported } = source
  const keys = requireKeys(context)
  // not this machine's clock: a backup that is dated months back would be past its rule as soon as it is made
  const startedAt = await catalogueNow(context.catalog)
  const snapshotAt = imported?.takenAt ?? startedAt
  const backup = {
    id: randomUUID() as string,
    name: backupName(tier, snapshotAt),
    path: backupPath(database, tier, snapshotAt, context.attempt),
    tier,
    attempt: context.attempt,
    snapshotAt,
    startedAt,
  }
  let whole = false
  await recordBegun(context, { backup, database, targets, keyId: keys.keyId, origin: imported?.origin ?? null })
  try {
    const backupKey = newBackupKey()
    const sealed = await storeKey(context, { backup, backupKey, targets })
    const meter = backupProgress(context, looked.tables)
    const entries = openEntryStore({
      backupKey,
      backupId: backup.id,
      path: backup.path,
      targets,
      signal: context.signal,
      stallMs: storageStallMs,
      sizeHint: looked.server.databaseBytes,
      onStored: meter.stored,
    })
    const dumped = await dump(source.connection, {
      stagingDir: context.stagingDir,
      toolPath: chooseTool(context.tools, 'pg_dump', Math.floor(looked.server.versionNum / 10_000)).path,
      jobs: dumpJobs,
      signal: context.signal,
      onEntry: (entry) => entries.store(entry),
      onProgress: meter.dumping,
      onWarning: (line) => context.warn(line),
    })
    await storeGlobals(context, { connection: source.connection, needs: looked.needs, entries })
    failPoint('dump.done')

    context.progress({ phase: 'writing the manifest' })
    const named = buildManifest({
      backup,
      finishedAt: await catalogueNow(context.catalog),
      database,
      looked,
      dumped,
      stored: entries.stored,
      // what was imported stands beside the chain of what was taken
      previousManifestSha256: imported ? null : await previousManifestSha256(context, database.id),
      ...(imported ? { origin: imported.origin } : {}),
    })
    const manifest = { ...named, suspicious: await suspicion(context, imported ? null : database.id, named) }
    source.accept?.(manifest)
    await context.assertCurrent()
    const manifestSha256 = await storeManifest(context, { manifest, backupKey, keys, targets })
    whole = true
    failPoint('manifest.stored')
    await recordStored(context, {
      backup,
      database,
      manifest,
      manifestSha256,
      targets,
      toolVersion: dumped.toolVersion,
      keyId: keys.keyId,
      keyIds: sealed.keyIds,
    })
    // a copy that failed holds room, often on the very disk that was full
    await removeAttempt(
      context,
      backup.path,
      targets.filter((target) => target.problem !== null && !target.waits),
    )
    return { ...backup, manifest, findings: sealed.finding === null ? [] : [sealed.finding] }
  } catch (error) {
    // whole copies are never thrown away because the catalogue could not be told: a reconcile adopts them
    if (whole) throw error
    await removeAttempt(
      context,
      backup.path,
      targets.filter((target) => !target.waits),
    )
    await recordFailed(context, backup.id, error)
    throw error
  }
}

/** What a run says of a backup that was taken, with a warning for each copy that failed. */
export function reportBackup(taken: TakenBackup, database: string, targets: readonly Target[], seen: readonly Finding[]): RunResult {
  const { manifest } = taken
  const findings = [...seen.filter((one) => one.severity !== 'info'), ...taken.findings]
  for (const target of targets) {
    // that an offline medium is away is no news: its copy is shown as waiting
    if (target.problem === null || target.waits) continue
    findings.push({
      severity: 'warning',
      code: 'copy_failed',
      message: `The copy on ${target.storageName} failed: ${target.problem.message}`,
      remedy: target.problem.hint || 'The other copies are whole. Check this storage: the copy is made again from one of them, by itself.',
      overridable: false,
    })
  }
  if (manifest.suspicious !== null) {
    findings.push({
      severity: 'warning',
      code: 'suspicious',
      message: manifest.suspicious,
      remedy:
        'The backup is kept, and does not count for retention until somebody has looked at it. Found fine, it is what the next one is measured against.',
      overridable: false,
    })
  }
  const { totals } = manifest
  return {
    findings,
    result: {
      backup: {
        id: taken.id,
        name: taken.name,
        database,
        tier: taken.tier,
        entries: totals.entries,
        rows: totals.rows,
        rawBytes: totals.rawBytes,
        storedBytes: totals.storedBytes,
        copies: targets.map((target) => ({
          storage: target.storageName,
          state: target.problem === null ? 'stored' : target.waits ? 'waiting' : 'failed',
        })),
      },
    },
  }
}
