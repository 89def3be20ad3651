import { ReportsScreen } from '#components/reports/reports-screen.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { readReports } from '#lib/catalog/views/reports.ts'

export const metadata = { title: 'Reports' }

export default async function ReportsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const asked = await searchParams
  const days = [7, 30, 90].find((one) => String(one) === asked.days) ?? 30
  const databases = await listDatabases(catalog(), actor)
  const databaseId = databases.find((database) => database.id === asked.databaseId)?.id ?? null
  const reports = await readReports(catalog(), actor, days, databaseId)
  return <ReportsScreen reports={reports} databaseId={databaseId} databases={databases.map(({ id, name }) => ({ id, name }))} />
}
