import { OperationsScreen } from '#components/operations/operations-screen.tsx'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listOperations, operationFilters } from '#lib/catalog/views/operations.ts'

export const metadata = { title: 'Operations' }

export default async function OperationsPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }) {
  const actor = await requireActor()
  const { kind, state, open, databaseId, cursor } = await searchParams
  const parsed = operationFilters.safeParse({ kind, state, open, databaseId, cursor })
  const filters = parsed.success ? parsed.data : operationFilters.parse({})
  const [page, databases] = await Promise.all([listOperations(catalog(), actor, filters), listDatabases(catalog(), actor)])
  return <OperationsScreen page={page} asked={filters} databases={databases.map(({ id, name }) => ({ id, name }))} />
}
