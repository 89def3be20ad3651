import { BookOpen } from 'lucide-react'
import { LinkButton } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { scenarioWords } from '#lib/domain/runbooks/runbook.ts'
import { runbookScenarios } from '#lib/domain/states.ts'
import type { DatabaseView, RunbookRunView } from '#lib/domain/views.ts'
import { PastRuns } from './past-runs.tsx'
import { runbookHref } from './runbook-href.ts'

/** What to do when something has happened: one runbook for each scenario and database, and a record of those that were followed. */
export function RunbooksScreen({ databases, runs }: { databases: DatabaseView[]; runs: RunbookRunView[] }) {
  if (databases.length === 0) {
    return (
      <>
        <PageHeader title="Runbooks" />
        <Panel flush>
          <EmptyState
            icon={BookOpen}
            title="There is no database to recover yet"
            action={<LinkButton href="/databases/new">Add a database</LinkButton>}
          >
            A runbook names the real database, its backups, its storages and the keys. Register a database first.
          </EmptyState>
        </Panel>
      </>
    )
  }
  return (
    <>
      <PageHeader title="What has happened?">
        Each runbook guides through one kind of loss with the real names of the database, and keeps a record of what was done, when and by whom. Print
        “Everything is gone” before the day: on the day this console may be gone too.
      </PageHeader>
      <div className="grid gap-4 lg:grid-cols-3">
        {runbookScenarios.map((scenario) => (
          <Panel key={scenario} title={scenarioWords[scenario].title} say={scenarioWords[scenario].when} flush>
            <DataTable
              caption={`${scenarioWords[scenario].title}: the runbook of each database`}
              rows={databases}
              rowKey={(row) => row.id}
              linked
              keep
              columns={[
                {
                  id: 'database',
                  header: 'Database',
                  primary: true,
                  cell: (row) => (
                    <Link quiet stretched href={runbookHref(scenario, row.id)} label={`${scenarioWords[scenario].title}: ${row.name}`}>
                      {row.name}
                    </Link>
                  ),
                },
                {
                  id: 'point',
                  header: 'Newest point',
                  align: 'end',
                  cell: (row) => <Time at={row.newestRestorableAt} never="none" />,
                },
              ]}
            />
          </Panel>
        ))}
      </div>
      <PastRuns runs={runs} />
    </>
  )
}
