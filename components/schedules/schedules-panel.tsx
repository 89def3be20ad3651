'use client'

import { useQuery } from '@tanstack/react-query'
import { CalendarClock, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { schedulesQuery } from '#lib/client/queries.ts'
import { scheduledTiers } from '#lib/domain/keep.ts'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { NextRuns } from './next-runs.tsx'
import { RunsDialog } from './runs-dialog.tsx'
import { ScheduleActs } from './schedule-acts.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { NextRun } from './schedule-table.tsx'
import { SlotLegend, SlotMarks } from './slot-marks.tsx'
import { StandardPlanButton } from './standard-plan-button.tsx'
import { standardPlanWords } from './standard-plan-words.ts'

interface Props {
  database: { id: string; name: string }
  initial: ScheduleView[]
  storages: { id: string; name: string }[]
  role: Role
}

/** What happens by itself to one database: schedules in words with the next five runs. */
export function SchedulesPanel({ database, initial, storages, role }: Props) {
  const { data } = useQuery({ ...schedulesQuery({ databaseId: database.id }), initialData: initial })
  const [adding, setAdding] = useState(false)
  const [open, setOpen] = useState<{ what: 'runs' | 'change'; id: string } | null>(null)
  const opened = open === null ? undefined : data.find((one) => one.id === open.id)
  const taken = data.map((one) => one.tier)
  const denied = allows(role, 'schedule.write') ? null : reasonDenied('schedule.write')
  const reason = denied ?? (taken.length === scheduledTiers.length ? 'It has a schedule for every tier.' : null)

  return (
    <Panel
      title="Schedules"
      flush
      aside={
        data.length > 0 && (
          <Button size="small" variant="plain" icon={<Plus aria-hidden />} reason={reason} onPress={() => setAdding(true)}>
            Add a schedule
          </Button>
        )
      }
    >
      {data.length === 0 ? (
        <EmptyState
          icon={CalendarClock}
          title="Nothing backs it up by itself"
          action={
            <>
              <StandardPlanButton database={database} role={role} />
              <Button reason={denied} onPress={() => setAdding(true)}>
                Add a schedule of your own
              </Button>
            </>
          }
        >
          The standard plan: {standardPlanWords}
        </EmptyState>
      ) : (
        <>
          <ul className="m-0 list-none p-0">
            {data.map((schedule) => (
              <li key={schedule.id} className="border-t border-line px-4 py-3 first:border-t-0 sm:px-[18px]">
                <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
                  <div className="min-w-0">
                    <h3 className="m-0 text-base font-semibold">{schedule.words}</h3>
                    <p className="m-0 text-sm text-ink-2 [overflow-wrap:anywhere]">
                      {schedule.tier} · to {schedule.storages.length === 0 ? 'every storage' : schedule.storages.map((one) => one.name).join(', ')}
                    </p>
                  </div>
                  <ScheduleActs
                    schedule={schedule}
                    role={role}
                    onRuns={() => setOpen({ what: 'runs', id: schedule.id })}
                    onChange={() => setOpen({ what: 'change', id: schedule.id })}
                  />
                </div>
                <div className="mt-2 flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
                  {schedule.next.length === 0 ? (
                    <div>
                      <NextRun schedule={schedule} />
                    </div>
                  ) : (
                    <NextRuns next={schedule.next} timeZone={schedule.timeZone} />
                  )}
                  <div>
                    <p className="m-0 mb-1 text-xs text-ink-3">Last runs</p>
                    <SlotMarks slots={schedule.last} name={`${schedule.tier} schedule of ${database.name}`} />
                  </div>
                </div>
              </li>
            ))}
          </ul>
          <div className="border-t border-line px-4 py-2.5 sm:px-[18px]">
            <SlotLegend />
          </div>
        </>
      )}
      {adding && <ScheduleDialog schedule={null} database={database} taken={taken} storages={storages} onClose={() => setAdding(false)} />}
      {opened !== undefined && open?.what === 'runs' && <RunsDialog schedule={opened} onClose={() => setOpen(null)} />}
      {opened !== undefined && open?.what === 'change' && (
        <ScheduleDialog schedule={opened} database={database} taken={[]} storages={storages} onClose={() => setOpen(null)} />
      )}
    </Panel>
  )
}
