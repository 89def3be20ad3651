'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleCheck, OctagonX } from 'lucide-react'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Chip } from '#components/ui/chip.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { workersQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import { version } from '#lib/domain/version.ts'
import type { WorkerView } from '#lib/domain/views.ts'

const columns: Column<WorkerView>[] = [
  {
    id: 'host',
    header: 'Worker',
    primary: true,
    cell: (row) => (
      <>
        <span className="font-semibold [overflow-wrap:anywhere]">{row.host}</span>
        <div className="text-sm text-ink-2">process {row.pid}</div>
      </>
    ),
  },
  {
    id: 'alive',
    header: 'Heartbeat',
    cell: (row) => (
      <span className="flex flex-wrap items-center gap-2">
        <Chip tone={row.alive ? 'ok' : 'bad'} icon={row.alive ? CircleCheck : OctagonX}>
          {row.alive ? 'alive' : 'silent'}
        </Chip>
        <Time at={row.heartbeatAt} />
      </span>
    ),
  },
  {
    id: 'version',
    header: 'Version',
    cell: (row) =>
      row.version === version ? (
        row.version
      ) : (
        <>
          {row.version}, <span className="font-[550] text-warn">not the console’s {version}</span>
        </>
      ),
  },
  { id: 'tools', header: 'PostgreSQL tools', cell: (row) => <Tools tools={row.tools} /> },
]

export function Workers({ workers: first }: { workers: WorkerView[] }) {
  const { data: workers } = useQuery({ ...workersQuery(), initialData: first })
  const alive = workers.filter((worker) => worker.alive).length
  usePageTitle(`${formatCount(alive, 'worker')} alive · Settings`)
  return (
    <div className="flex flex-col gap-[18px]">
      <Panel
        title={alive === 0 ? 'No worker is alive' : `${formatCount(alive, 'worker')} alive`}
        say={
          alive === 0
            ? 'Nothing runs until one is started, and what is queued waits. Nothing is lost by waiting.'
            : 'Workers take operations from the queue; a worker that fell silent stays listed for a day.'
        }
        flush
      >
        {workers.length > 0 && <DataTable caption="Workers" columns={columns} rows={workers} rowKey={(row) => row.id} />}
      </Panel>
      <Panel
        title={alive === 0 ? 'Start a worker' : 'Add a worker'}
        say="On any machine that reaches the catalogue and the databases, in Lifeboat’s directory, with the same LIFEBOAT_KEY and DATABASE_URL:"
      >
        <CopyLine text="npm run worker" what="the command" />
      </Panel>
    </div>
  )
}

/** One line for each major; both tools of a major come from one package. */
function Tools({ tools }: { tools: WorkerView['tools'] }) {
  const majors = [...new Set(tools.map((tool) => tool.major))].sort((a, b) => a - b)
  if (majors.length === 0) return <span className="text-bad">none found: install postgresql-client</span>
  return (
    <ul className="m-0 list-none p-0">
      {majors.map((major) => {
        const held = tools.filter((tool) => tool.major === major)
        return (
          <li key={major}>
            {[...new Set(held.map((tool) => tool.version))].join(', ')}
            {held.some((tool) => !tool.ok) && <span className="font-[550] text-bad">, has known holes: upgrade it</span>}
            {held.length < 2 && <span className="text-warn">, only {held[0]?.tool}</span>}
          </li>
        )
      })}
    </ul>
  )
}
