import type { Metadata } from 'next'
import { alertTabs } from '#components/alerts/alert-words.ts'
import { AlertsScreen } from '#components/alerts/alerts-screen.tsx'
import { pageSizes } from '#components/alerts/page-sizes.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { alertFilters, listAlerts } from '#lib/catalog/views/alerts.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'

export const metadata: Metadata = { title: 'Alerts' }

export default async function AlertsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const asked = await searchParams
  const state = alertTabs.find((tab) => tab === asked.state) ?? 'open'
  const parsed = alertFilters.safeParse({ state, databaseId: asked.databaseId, cursor: asked.cursor, limit: pageSizes[state] })
  const filters = parsed.success ? parsed.data : alertFilters.parse({ state, limit: pageSizes[state] })
  const [page, watch, databases] = await Promise.all([
    listAlerts(catalog(), actor, filters),
    readWatch(catalog(), actor),
    filters.databaseId === undefined ? [] : listDatabases(catalog(), actor),
  ])
  const database = databases.find((one) => one.id === filters.databaseId)
  return (
    <AlertsScreen
      page={page}
      watch={watch}
      asked={{ state, cursor: filters.cursor ?? null, database: database === undefined ? null : { id: database.id, name: database.name } }}
    />
  )
}
