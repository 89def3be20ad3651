'use client'

import { useQuery } from '@tanstack/react-query'
import { Database } from 'lucide-react'
import { LinkButton } from '#components/ui/button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { databasesQuery } from '#lib/client/queries.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { ConnectionState } from './connection-state.tsx'

const columns: Column<DatabaseView>[] = [
  {
    id: 'database',
    header: 'Database',
    primary: true,
    cell: (row) => (
      <>
        <Link href={`/databases/${row.id}`} quiet stretched>
          {row.name}
        </Link>
        <span className="block font-mono text-xs text-ink-2 [overflow-wrap:anywhere]">
          {row.dbname} on {row.host}:{row.port}
        </span>
        {row.isSample && <span className="block text-sm text-ink-3">the sample database</span>}
      </>
    ),
  },
  { id: 'connection', header: 'Connection', cell: (row) => <ConnectionState database={row} /> },
  {
    id: 'restorable',
    header: 'Newest restorable point',
    cell: (row) => (row.newestRestorableAt === null ? <span className="font-[550] text-bad">none</span> : <Time at={row.newestRestorableAt} />),
  },
  { id: 'backups', header: 'Backups', align: 'end', cell: (row) => formatCount(row.backupCount) },
  { id: 'size', header: 'Size', align: 'end', cell: (row) => formatBytes(row.sizeBytes) },
  { id: 'server', header: 'Server', cell: (row) => (row.serverVersion === null ? 'unknown' : `PostgreSQL ${row.serverVersion}`) },
]

/** What is protected, and how is each? */
export function DatabaseList({ initial, mayAdd }: { initial: DatabaseView[]; mayAdd: boolean }) {
  const { data } = useQuery({ ...databasesQuery(), initialData: initial })
  return (
    <Panel flush>
      {data.length === 0 ? (
        <EmptyState
          icon={Database}
          title="No database is protected yet"
          action={
            mayAdd && (
              <LinkButton variant="primary" href="/databases/new">
                Add a database
              </LinkButton>
            )
          }
        >
          {mayAdd ? 'Add one by its connection URL; it is tested before it is saved.' : 'An admin adds databases here.'}
        </EmptyState>
      ) : (
        <DataTable caption="Databases" columns={columns} rows={data} rowKey={(row) => row.id} linked />
      )}
    </Panel>
  )
}
