import type { Metadata } from 'next'
import { logQueryOf, readLogAddress } from '#components/logs/log-address.ts'
import { LogsScreen } from '#components/logs/logs-screen.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { searchLogs } from '#lib/catalog/views/logs.ts'
import { LifeboatError } from '#lib/domain/errors.ts'

export const metadata: Metadata = { title: 'Logs' }

export default async function LogsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const asked = readLogAddress(await searchParams)
  const [found, databases] = await Promise.all([
    catalogueNow(catalog())
      .then((now) => searchLogs(catalog(), actor, now, logQueryOf(asked)))
      .catch(tookTooLong),
    listDatabases(catalog(), actor),
  ])
  return (
    <>
      <PageHeader title="Logs">What every operation wrote, newest first, in UTC. Common faults are explained beside their line.</PageHeader>
      <LogsScreen found={found} asked={asked} databases={databases.map(({ id, name }) => ({ id, name }))} />
    </>
  )
}

/** The filters stay there, so that less can be asked for. */
function tookTooLong(error: unknown): { problem: string; hint: string } {
  if (error instanceof LifeboatError && error.code === 'stalled') return { problem: error.message, hint: error.hint }
  throw error
}
