import { text } from 'node:stream/consumers'
import { openCatalog } from '#lib/catalog/pool.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { env } from '#lib/env.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestClone } from '#lib/operations/clone/request.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { runInline } from '#workers/run-inline.ts'
import { jobs } from './baselines.ts'
import type { Measured, Part } from './ours.ts'

const part = JSON.parse(await text(process.stdin)) as Part
const catalog = openCatalog(env().DATABASE_URL ?? '', { max: 4 })
try {
  const { databaseId, backupId = '', targetDbname = '', table = '' } = part
  const requests = {
    backup: () => requestBackup(catalog, systemActor, { databaseId, via: 'cli' }),
    restore: () => requestRestore(catalog, systemActor, { backupId, targetDbname, via: 'cli' }),
    table: () => requestRestore(catalog, systemActor, { backupId, scope: 'table', schema: 'public', table, via: 'cli' }),
    clone: () => requestClone(catalog, systemActor, { databaseId, targetDbname, jobs, via: 'cli' }),
  } satisfies Record<Part['verb'], () => Promise<{ id: string }>>
  const { id } = await requests[part.verb]()
  const begun = process.hrtime.bigint()
  const row = await runInline(catalog, id)
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  if (row.state !== 'succeeded') throw new Error(`${row.state}: ${JSON.stringify(row.error ?? row.findings)}`)
  const stages = await catalog.selectFrom('restore_stages').selectAll().where('operation_id', '=', id).execute()
  const measured: Measured = {
    seconds,
    stages: Object.fromEntries(stages.map((one) => [one.stage, one.seconds])),
    // kibibytes on Linux
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    bytesRead: stages.find((one) => one.stage === 'fetching')?.bytes ?? 0,
    backupId: row.backup_id,
    outcome: JSON.stringify(row.result).slice(0, 300),
  }
  process.stdout.write(JSON.stringify(measured))
} finally {
  await catalog.destroy()
}
