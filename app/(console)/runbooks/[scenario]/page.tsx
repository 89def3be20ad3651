import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { RunbookPage } from '#components/runbooks/runbook-page.tsx'
import { found } from '#lib/auth/found.ts'
import { requireActor } from '#lib/auth/require-page.ts'
import { catalog } from '#lib/catalog/pool.ts'
import { listDatabases } from '#lib/catalog/views/databases.ts'
import { listOperations } from '#lib/catalog/views/operations.ts'
import { readRunbookFacts } from '#lib/catalog/views/runbook-facts.ts'
import { listRunbookRuns, readRunbookRun } from '#lib/catalog/views/runbook-runs.ts'
import { everythingRunbook } from '#lib/domain/runbooks/everything.ts'
import { runbookOf } from '#lib/domain/runbooks/runbook-of.ts'
import { scenarioWords } from '#lib/domain/runbooks/runbook.ts'
import { runbookScenarios } from '#lib/domain/states.ts'

interface PageProps {
  params: Promise<{ scenario: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const word = (await params).scenario
  const scenario = runbookScenarios.find((one) => one === word)
  return { title: scenario === undefined ? 'Runbook' : scenarioWords[scenario].title }
}

export default async function OneRunbookPage({ params, searchParams }: PageProps) {
  const actor = await requireActor()
  const word = (await params).scenario
  const scenario = runbookScenarios.find((one) => one === word)
  if (scenario === undefined) notFound()
  const query = await searchParams
  const one = (key: string) => (typeof query[key] === 'string' && query[key] !== '' ? query[key] : null)
  const databases = await listDatabases(catalog(), actor)
  const chosen = databases.find(({ id }) => id === one('database')) ?? (databases.length === 1 ? databases[0] : undefined)
  if (chosen === undefined) redirect('/runbooks')
  const [schema, table, storage, named] = [one('schema'), one('table'), one('storage'), one('run')]
  const facts = await readRunbookFacts(catalog(), actor, chosen.id, schema === null || table === null ? null : { schema, table })
  const runbook = scenario === 'everything' ? everythingRunbook(facts, storage) : runbookOf(scenario, facts)
  const run =
    named === null
      ? ((await listRunbookRuns(catalog(), actor, { databaseId: chosen.id, scenario, open: 'true', limit: 1 }))[0] ?? null)
      : await found(readRunbookRun(catalog(), actor, named))
  const done = run === null ? [] : (await listOperations(catalog(), actor, { databaseId: chosen.id, limit: 100 })).rows
  return (
    <RunbookPage
      key={run?.id ?? 'none'}
      runbook={runbook}
      facts={facts}
      databases={databases}
      run={run}
      operations={run === null ? [] : done.filter((operation) => operation.createdAt >= run.begunAt)}
      role={actor.role}
    />
  )
}
