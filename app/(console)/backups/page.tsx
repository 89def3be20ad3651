import type { Metadata } from 'next'
import { areFiltered, readFilters } from '#components/backups/backup-filters.ts'
import { BackupList } from '#components/backups/backup-list.tsx'
import { FilterBar } from '#components/backups/filter-bar.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listBackups } from '#lib/catalog/views/backups.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'

export const metadata: Metadata = { title: 'Backups' }

export default async function BackupsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const filters = readFilters(await searchParams)
  const [page, databases, storages] = await Promise.all([
    listBackups(catalog(), actor, filters),
    listDatabases(catalog(), actor),
    listStorages(catalog(), actor),
  ])
  return (
    <>
      <PageHeader title="Backups">Each is one point that a database can go back to.</PageHeader>
      {(page.rows.length > 0 || areFiltered(filters)) && <FilterBar databases={databases} storages={storages} />}
      <BackupList filters={filters} initial={page} role={actor.role} />
    </>
  )
}
