'use client'

import { CircleAlert, CirclePause } from 'lucide-react'
import { useState } from 'react'
import { Chip } from '#components/ui/chip.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { useNow } from '#components/ui/now.tsx'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { formatRelative, formatUtc, formatZoned } from '#lib/domain/units.ts'
import { RunsDialog } from './runs-dialog.tsx'
import { ScheduleActs } from './schedule-acts.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { SlotMarks } from './slot-marks.tsx'
import { markOf } from './slot-mark.ts'

interface Props {
  database: { id: string; name: string }
  schedules: readonly ScheduleView[]
  storages: readonly { id: string; name: string }[]
  role: Role
}

/** The schedules of one database: in words, when next, what became of the last. */
export function ScheduleTable({ database, schedules, storages, role }: Props) {
  const [open, setOpen] = useState<{ what: 'runs' | 'change'; id: string } | null>(null)
  const opened = open === null ? undefined : schedules.find((one) => one.id === open.id)
  const columns: Column<ScheduleView>[] = [
    {
      id: 'schedule',
      header: 'Schedule',
      primary: true,
      className: 'sm:w-[26%]',
      cell: (row) => (
        <>
          <span className="font-semibold">{row.words}</span>
          <span className="block text-sm text-ink-2">
            {row.tier} · <code className="font-mono text-xs">{row.cron}</code>
          </span>
        </>
      ),
    },
    { id: 'next', header: 'Next run', className: 'sm:w-[20%]', cell: (row) => <NextRun schedule={row} /> },
    {
      id: 'last',
      header: 'Last runs',
      className: 'sm:w-[14%]',
      cell: (row) => (
        <>
          <SlotMarks slots={row.last} name={`${row.tier} schedule of ${row.database.name}`} />
          <LastWords schedule={row} />
        </>
      ),
    },
    {
      id: 'storages',
      header: 'To',
      className: '[overflow-wrap:anywhere]',
      cell: (row) => (row.storages.length === 0 ? <span className="text-ink-2">every storage</span> : row.storages.map((one) => one.name).join(', ')),
    },
    {
      id: 'acts',
      header: <span className="sr-only">Acts</span>,
      bare: true,
      className: 'sm:w-[180px] xl:w-[278px]',
      cell: (row) => (
        <ScheduleActs
          schedule={row}
          role={role}
          onRuns={() => setOpen({ what: 'runs', id: row.id })}
          onChange={() => setOpen({ what: 'change', id: row.id })}
        />
      ),
    },
  ]
  return (
    <>
      <DataTable caption={`Schedules of ${database.name}`} columns={columns} rows={schedules} rowKey={(row) => row.id} />
      {opened !== undefined && open?.what === 'runs' && <RunsDialog schedule={opened} onClose={() => setOpen(null)} />}
      {opened !== undefined && open?.what === 'change' && (
        <ScheduleDialog schedule={opened} database={database} taken={[]} storages={storages} onClose={() => setOpen(null)} />
      )}
    </>
  )
}

export function NextRun({ schedule }: { schedule: ScheduleView }) {
  const now = useNow()
  const next = schedule.next[0]
  if (schedule.pausedAt !== null) {
    return (
      <>
        <Chip tone="idle" icon={CirclePause}>
          paused
        </Chip>
        <span className="block text-sm text-ink-2">since {formatRelative(schedule.pausedAt, now)}</span>
      </>
    )
  }
  if (next === undefined) return <span className="text-ink-3">none is to come</span>
  return (
    <time dateTime={next}>
      {formatRelative(next, now)}
      <span className="block text-sm text-ink-2">{schedule.timeZone === 'UTC' ? formatUtc(next) : formatZoned(next, schedule.timeZone)}</span>
    </time>
  )
}

/** Only what is wrong is said beside the marks. */
function LastWords({ schedule }: { schedule: ScheduleView }) {
  const last = schedule.last.at(-1)
  const mark = last === undefined ? null : markOf(last)
  if (mark !== 'missed' && mark !== 'failed') return null
  return (
    <span className="mt-1 inline-flex items-center gap-1 text-sm font-[550] text-bad">
      <CircleAlert aria-hidden className="size-3.5" />
      {mark === 'missed' ? 'the last was missed' : 'the last failed'}
    </span>
  )
}
