import type { Metadata } from 'next'
import { RunbooksScreen } from '#components/runbooks/runbooks-screen.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listRunbookRuns } from '#lib/catalog/views/runbook-runs.ts'

export const metadata: Metadata = { title: 'Runbooks' }

export default async function RunbooksPage() {
  const actor = await requireActor()
  const [databases, runs] = await Promise.all([listDatabases(catalog(), actor), listRunbookRuns(catalog(), actor)])
  return <RunbooksScreen databases={databases} runs={runs} />
}
