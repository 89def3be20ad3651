import type { Metadata } from 'next'
import { ChecksScreen } from '#components/checks/checks-screen.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { WatchLine } from '#components/watch/watch-line.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { readChecks } from '#lib/catalog/views/checks.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'

export const metadata: Metadata = { title: 'Checks' }

export default async function ChecksPage() {
  const actor = await requireActor()
  const [checks, databases, watch] = await Promise.all([readChecks(catalog(), actor), listDatabases(catalog(), actor), readWatch(catalog(), actor)])
  return (
    <>
      <PageHeader title="Checks">
        What Lifeboat looks at by itself, what it saw last, and when. A result that was not renewed in time is unknown, whatever it said.
      </PageHeader>
      <WatchLine initial={watch} />
      <ChecksScreen initial={checks} databases={databases.map(({ id, name }) => ({ id, name }))} />
    </>
  )
}
