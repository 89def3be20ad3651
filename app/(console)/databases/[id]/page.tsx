import type { Metadata } from 'next'
import { SizeChart } from '#components/charts/size-chart.tsx'
import { ConnectionPanel } from '#components/databases/connection-panel.tsx'
import { ConnectionState } from '#components/databases/connection-state.tsx'
import { CoveragePanel } from '#components/databases/coverage-panel.tsx'
import { DatabaseActions } from '#components/databases/database-actions.tsx'
import { PlacingPanel } from '#components/databases/placing-panel.tsx'
import { SafetyPanel } from '#components/databases/safety-panel.tsx'
import { Timeline } from '#components/databases/timeline.tsx'
import { SchedulesPanel } from '#components/schedules/schedules-panel.tsx'
import { KeptOfDatabase } from '#components/swaps/kept-panel.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readBackup } from '#lib/catalog/views/backup.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { readDatabase } from '#lib/catalog/views/databases.ts'
import { listOperations } from '#lib/catalog/views/operations.ts'
import { readSafety } from '#lib/catalog/views/overview.ts'
import { readReports } from '#lib/catalog/views/reports.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'

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
  const [safety, storages, backups, failed, interrupted, checks, reports, kept, schedules] = await Promise.all([
    readSafety(catalog(), actor, database),
    listStorages(catalog(), actor),
    listBackups(catalog(), actor, { databaseId, limit: 20 }),
    listOperations(catalog(), actor, { databaseId, kind: 'backup', state: 'failed', dryRun: 'false', limit: 10 }),
    listOperations(catalog(), actor, { databaseId, kind: 'backup', state: 'interrupted', dryRun: 'false', limit: 10 }),
    listOperations(catalog(), actor, { databaseId, kind: 'check', limit: 5 }),
    readReports(catalog(), actor, days, databaseId),
    listSwaps(catalog(), actor, { databaseId, kept: true }),
    listSchedules(catalog(), actor, { databaseId }),
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
