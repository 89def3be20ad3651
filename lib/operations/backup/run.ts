import { randomUUID } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'
import { backupName, backupPath } from '#lib/domain/names.ts'
import { isBlocked } from '#lib/domain/plan.ts'
import { dump } from '#lib/engine/postgres/dump.ts'
import { preflight } from '#lib/engine/postgres/preflight.ts'
import { chooseTool } from '#lib/engine/postgres/tools.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { newBackupKey } from '#lib/engine/seal/keys.ts'
import type { z } from 'zod'
import { connectionFor, requireKeys } from '../run/connection-for.ts'
import type { Run } from '../run-context.ts'
import type { backupInput } from './definition.ts'
import { closeTargets, openTargets } from './open-targets.ts'
import { planBackup } from './plan.ts'
import { previousManifestSha256, recordBegun, recordFailed, recordStored } from './record.ts'
import { backupProgress } from './progress.ts'
import { removeAttempt } from './remove-attempt.ts'
import { openEntryStore } from './store-entries.ts'
import { storeGlobals } from './store-globals.ts'
import { storeKey } from './store-key.ts'
import { buildManifest, storeManifest } from './store-manifest.ts'
import { suspicion } from './suspicion.ts'
import { assertSomeoneLives } from './fan-out.ts'

/** A server that cannot be reached is no refusal: the backup failed, and an outage is tried again. */
const connectionCodes = ['unreachable', 'access_denied', 'tls', 'too_many_connections'] as const
/** Parallel dump workers and entries being sealed at once. */
const jobs = 2
/** The drivers end a connection that is idle for 60 s themselves; this only bounds how long a slow one, busy with its parts, holds the others back. */
const storageStallMs = 300_000

/** One dump, many copies: DESIGN.md section 3. The manifest comes last; before it, no copy exists. */
export const runBackup: Run<z.output<typeof backupInput>> = async (context, input) => {
  context.progress({ phase: 'looking at the database' })
  const { database, connection } = await connectionFor(context, input.databaseId)
  const looked = await preflight(connection, {
    tools: context.tools,
    stagingDir: context.stagingDir,
    signal: context.signal,
    forKind: 'backup',
    jobs,
  })
  const targets = await openTargets(context, input.storageIds)
  try {
    if (context.dryRun) return await planBackup(context, { looked, targets, input })
    const blocker = looked.findings.find((one) => one.severity === 'blocker')
    if (looked.server === null || looked.settings === null || isBlocked(looked.findings, false)) {
      throw new LifeboatError(
        connectionCodes.find((code) => code === blocker?.code) ?? 'blocked',
        blocker?.message ?? 'The database could not be read.',
        blocker?.remedy ?? '',
        {
          detail: { findings: looked.findings },
        },
      )
    }
    const keys = requireKeys(context)
    assertSomeoneLives(targets)

    const snapshotAt = new Date()
    const backup = {
      id: randomUUID() as string,
      name: backupName(input.tier, snapshotAt),
      path: backupPath(database, input.tier, snapshotAt, context.attempt),
      tier: input.tier,
      attempt: context.attempt,
      snapshotAt,
    }
    let whole = false
    await recordBegun(context, { backup, database, targets, keyId: keys.keyId })
    try {
      const backupKey = newBackupKey()
      await storeKey(context, { backup, backupKey, targets })
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
      const tool = chooseTool(context.tools, 'pg_dump', Math.floor(looked.server.versionNum / 10_000))
      const dumped = await dump(connection, {
        stagingDir: context.stagingDir,
        toolPath: tool.path,
        jobs,
        signal: context.signal,
        onEntry: (entry) => entries.store(entry),
        onProgress: meter.dumping,
        onWarning: (line) => context.warn(line),
      })
      await storeGlobals(context, { connection, needs: looked.needs, entries })
      failPoint('dump.done')

      context.progress({ phase: 'writing the manifest' })
      const manifest = buildManifest({
        backup,
        database,
        looked: { server: looked.server, needs: looked.needs, settings: looked.settings },
        dumped,
        stored: entries.stored,
        previousManifestSha256: await previousManifestSha256(context, database.id),
        suspicious: await suspicion(context, database.id, entries.stored),
      })
      await context.assertCurrent()
      const manifestSha256 = await storeManifest(context, { manifest, backupKey, keys, targets })
      whole = true
      failPoint('manifest.stored')
      await recordStored(context, { backup, database, manifest, manifestSha256, targets, toolVersion: dumped.toolVersion, keyId: keys.keyId })
      // a copy that failed holds room, often on the very disk that was full
      await removeAttempt(
        context,
        backup.path,
        targets.filter((target) => target.problem !== null),
      )
      return report(backup, database.name, manifest, targets, looked.findings)
    } catch (error) {
      // whole copies are never thrown away because the catalogue could not be told: a reconcile adopts them
      if (whole) throw error
      await removeAttempt(context, backup.path, targets)
      await recordFailed(context, backup.id, error)
      throw error
    }
  } finally {
    await closeTargets(targets)
  }
}

function report(
  backup: { id: string; name: string; tier: string },
  database: string,
  manifest: ReturnType<typeof buildManifest>,
  targets: Awaited<ReturnType<typeof openTargets>>,
  seen: Awaited<ReturnType<typeof preflight>>['findings'],
): Awaited<ReturnType<typeof runBackup>> {
  const findings = seen.filter((one) => one.severity !== 'info')
  for (const target of targets) {
    if (target.problem === null) continue
    findings.push({
      severity: 'warning',
      code: 'copy_failed',
      message: `The copy on ${target.storageName} failed: ${target.problem.message}`,
      remedy: target.problem.hint || 'The other copies are whole. Check this storage, then take another backup.',
      overridable: false,
    })
  }
  if (manifest.suspicious !== null) {
    findings.push({
      severity: 'warning',
      code: 'suspicious',
      message: manifest.suspicious,
      remedy: 'The backup is kept. Look at the database; if this is right, the next backup will be measured against it.',
      overridable: false,
    })
  }
  const { totals } = manifest
  return {
    findings,
    result: {
      backup: {
        id: backup.id,
        name: backup.name,
        database,
        tier: backup.tier,
        entries: totals.entries,
        rows: totals.rows,
        rawBytes: totals.rawBytes,
        storedBytes: totals.storedBytes,
        copies: targets.map((target) => ({ storage: target.storageName, state: target.problem === null ? 'stored' : 'failed' })),
      },
    },
  }
}
