import type { Metadata } from 'next'
import { SizeChart } from '#components/charts/size-chart.tsx'
import { readPeriod } from '#components/charts/check-axis.ts'
import { ConnectionPanel } from '#components/databases/connection-panel.tsx'
import { ConnectionState } from '#components/databases/connection-state.tsx'
import { CoveragePanel } from '#components/databases/coverage-panel.tsx'
import { DatabaseActions } from '#components/databases/database-actions.tsx'
import { NativeBackupsPanel } from '#components/databases/native-backups-panel.tsx'
import { PlacingPanel } from '#components/databases/placing-panel.tsx'
import { SafetyPanel } from '#components/databases/safety-panel.tsx'
import { Timeline } from '#components/databases/timeline.tsx'
import { HealthPanel } from '#components/health/health-panel.tsx'
import { SchedulesPanel } from '#components/schedules/schedules-panel.tsx'
import { KeptOfDatabase } from '#components/swaps/kept-panel.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readBackup } from '#lib/catalog/views/backup.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { readDatabase } from '#lib/catalog/views/databases.ts'
import { readCheckHistory, readChecks } from '#lib/catalog/views/checks.ts'
import { listNativeBackups } from '#lib/catalog/views/native-backups.ts'
import { listOperations } from '#lib/catalog/views/operations.ts'
import { readSafety } from '#lib/catalog/views/overview.ts'
import { readReports } from '#lib/catalog/views/reports.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

export const metadata: Metadata = { title: 'Database' }

const days = 90

interface PageProps {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function DatabasePage({ params, searchParams }: PageProps) {
  const actor = await requireActor()
  const database = await found(readDatabase(catalog(), actor, (await params).id))
  const databaseId = database.id
  const hours = readPeriod((await searchParams).hours)
  const [safety, storages, backups, failed, interrupted, checks, reports, kept, schedules, watch, health, latency, connections, native] =
    await Promise.all([
      readSafety(catalog(), actor, database),
      listStorages(catalog(), actor),
      listBackups(catalog(), actor, { databaseId, limit: 20 }),
      listOperations(catalog(), actor, { databaseId, kind: 'backup', state: 'failed', dryRun: 'false', limit: 10 }),
      listOperations(catalog(), actor, { databaseId, kind: 'backup', state: 'interrupted', dryRun: 'false', limit: 10 }),
      listOperations(catalog(), actor, { databaseId, kind: 'check', limit: 5 }),
      readReports(catalog(), actor, days, databaseId),
      listSwaps(catalog(), actor, { databaseId, kept: true }),
      listSchedules(catalog(), actor, { databaseId }),
      readWatch(catalog(), actor),
      readChecks(catalog(), actor, { databaseId }),
      ifLookedAt(readCheckHistory(catalog(), actor, { kind: 'database_reachable', subject: databaseId, hours })),
      ifLookedAt(readCheckHistory(catalog(), actor, { kind: 'database_connections', subject: databaseId, hours })),
      listNativeBackups(catalog(), actor, { databaseId }),
    ])
  const newest = backups.rows[0] === undefined ? null : await readBackup(catalog(), actor, backups.rows[0].id)
  return (
    <>
      <PageHeader
        title={database.name}
        up={{ href: '/databases', label: 'Databases' }}
        badge={<ConnectionState database={{ ...database, checkedAt: null }} />}
      >
        <span className="font-mono text-sm [overflow-wrap:anywhere]">
          {database.dbname} on {database.host}:{database.port}
        </span>
      </PageHeader>
      <DatabaseActions database={database} storages={storages} role={actor.role} backupOpen={(await searchParams).backup === 'now'} />
      <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
        <div className="grid min-w-0 gap-4">
          <KeptOfDatabase databaseId={databaseId} swaps={kept} role={actor.role} />
          <SafetyPanel safety={safety} />
          <HealthPanel database={{ id: databaseId, name: database.name }} initial={{ checks: health, latency, connections, hours }} watch={watch} />
          <NativeBackupsPanel backups={native} />
          <SchedulesPanel
            database={{ id: databaseId, name: database.name }}
            initial={schedules}
            storages={storages.map(({ id, name }) => ({ id, name }))}
            role={actor.role}
          />
          <Timeline backups={backups.rows} attempts={[...failed.rows, ...interrupted.rows]} databaseId={databaseId} />
          <SizeChart sizes={reports.sizes} days={days} scope={database.name} />
        </div>
        <div className="grid min-w-0 gap-4">
          <ConnectionPanel database={database} checks={checks.rows} />
          <PlacingPanel database={database} storages={storages} role={actor.role} />
          <CoveragePanel newest={newest} />
        </div>
      </div>
    </>
  )
}

/** null: it was not looked at yet. */
async function ifLookedAt<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'not_found') return null
    throw error
  }
}
