import { OverviewScreen } from '#components/overview/overview-screen.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readOverview } from '#lib/catalog/views/overview.ts'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import { readReports } from '#lib/catalog/views/reports.ts'

export const metadata = { title: 'Overview' }

export default async function OverviewPage() {
  const actor = await requireActor()
  const [overview, reports, kept] = await Promise.all([
    readOverview(catalog(), actor),
    readReports(catalog(), actor, 30, null),
    listSwaps(catalog(), actor, { kept: true }),
  ])
  return <OverviewScreen overview={overview} reports={reports} kept={kept} role={actor.role} />
}
