import type { Metadata } from 'next'
import { SchedulesScreen } from '#components/schedules/schedules-screen.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { listStorages } from '#lib/catalog/views/storages.ts'

export const metadata: Metadata = { title: 'Schedules' }

export default async function SchedulesPage() {
  const actor = await requireActor()
  const [schedules, databases, storages] = await Promise.all([
    listSchedules(catalog(), actor),
    listDatabases(catalog(), actor),
    listStorages(catalog(), actor),
  ])
  return (
    <>
      <PageHeader title="Schedules">
        When backups happen by themselves, and whether they did. A run that nobody made is shown as missed, also when everything was down.
      </PageHeader>
      <SchedulesScreen initial={schedules} databases={databases.map(named)} storages={storages.map(named)} role={actor.role} />
    </>
  )
}

function named({ id, name }: { id: string; name: string }) {
  return { id, name }
}
