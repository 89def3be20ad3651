import type { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import { isBlocked } from '#lib/domain/plan.ts'
import { preflight } from '#lib/engine/postgres/preflight.ts'
import { assertSomeoneLives } from '../run/backup/fan-out.ts'
import { closeTargets, expectBackup, openTargets } from '../run/backup/open-targets.ts'
import { assertSomewhereAllowed } from '../run/backup/storage-findings.ts'
import { dumpJobs, reportBackup, takeBackup } from '../run/backup/take-backup.ts'
import { connectionFor, requireKeys } from '../run/connection-for.ts'
import type { Run } from '../run-context.ts'
import type { backupInput } from './definition.ts'
import { planBackup } from './plan.ts'

/** A server that cannot be reached is no refusal: the backup failed, and an outage is tried again. */
const connectionCodes = ['unreachable', 'access_denied', 'tls', 'too_many_connections'] as const

/** One dump, many copies: DESIGN.md section 3. */
export const runBackup: Run<z.output<typeof backupInput>> = async (context, input) => {
  context.progress({ phase: 'looking at the database' })
  const { database, connection } = await connectionFor(context, input.databaseId)
  const looked = await preflight(connection, {
    tools: context.tools,
    stagingDir: context.stagingDir,
    signal: context.signal,
    forKind: 'backup',
    jobs: dumpJobs,
  })
  const targets = await openTargets(context, input.storageIds, {
    database,
    estimate: await expectBackup(context, database.id, looked.server?.databaseBytes ?? database.size_bytes),
  })
  try {
    if (context.dryRun) return await planBackup(context, { looked, targets, input })
    const blocker = looked.findings.find((one) => one.severity === 'blocker')
    const { server, settings, needs, tables } = looked
    if (server === null || settings === null || isBlocked(looked.findings, false)) {
      throw new LifeboatError(
        connectionCodes.find((code) => code === blocker?.code) ?? 'blocked',
        blocker?.message ?? 'The database could not be read.',
        blocker?.remedy ?? '',
        {
          detail: { findings: looked.findings },
        },
      )
    }
    requireKeys(context)
    assertSomewhereAllowed(targets)
    assertSomeoneLives(targets)
    const taken = await takeBackup(context, { database, connection, looked: { server, settings, needs, tables }, tier: input.tier, targets })
    return reportBackup(taken, database.name, targets, looked.findings)
  } finally {
    await closeTargets(targets)
  }
}
