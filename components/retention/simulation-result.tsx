'use client'

import { Panel } from '#components/ui/panel.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Link } from '#components/ui/link.tsx'
import { Time } from '#components/ui/time.tsx'
import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatUtc } from '#lib/domain/units.ts'
import { GoingChart } from './going-chart.tsx'
import { HistoryStrips } from './history-strips.tsx'
import { SimulatedBackups } from './simulated-backups.tsx'
import { verdictOf } from './simulation-words.ts'

/** What goes, when, where, and which duties break. `working`: a newer answer is on its way. */
export function SimulationResult(props: { view: SimulationView; inForce: SimulationView | undefined; changed: boolean; working: boolean }) {
  const { view, inForce, changed, working } = props
  return (
    <div className={`flex flex-col gap-4 ${working ? 'opacity-60' : ''}`} aria-busy={working}>
      <p className="m-0 text-lg [overflow-wrap:anywhere]" role="status">
        {verdictOf(view, inForce)}
        {changed && view.actsFrom !== null && (
          <span className="block text-base font-semibold text-warn">
            Shorter than now: it would act from {formatUtc(view.actsFrom)} (<Time at={view.actsFrom} />
            ), and can be withdrawn until then.
          </span>
        )}
      </p>
      {view.dutiesBroken.length > 0 && (
        <Panel title={changed ? 'Duties that these rules contradict' : 'Duties that the rules contradict'} flush>
          <FindingList findings={view.dutiesBroken} />
        </Panel>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
        <GoingChart timeline={view.timeline} />
        <Panel title="By storage" flush>
          {view.storages.length === 0 ? (
            <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">No storage holds a copy yet.</p>
          ) : (
            <DataTable
              caption="What would stay and go on each storage"
              rows={view.storages}
              rowKey={(one) => one.id}
              keep
              columns={[
                {
                  id: 'storage',
                  header: 'Storage',
                  primary: true,
                  cell: (one) => (
                    <Link href={`/backups?storageId=${one.id}`} quiet>
                      {one.name}
                    </Link>
                  ),
                },
                { id: 'stay', header: 'Stay', align: 'end', cell: (one) => formatCount(one.kept) },
                { id: 'go', header: 'Go', align: 'end', cell: (one) => formatCount(one.deleted) },
                { id: 'freed', header: 'Freed', align: 'end', cell: (one) => formatBytes(one.freedBytes) },
              ]}
            />
          )}
        </Panel>
      </div>
      {view.backups.length > 0 && <HistoryStrips view={view} />}
      <SimulatedBackups view={view} changed={changed} />
    </div>
  )
}
