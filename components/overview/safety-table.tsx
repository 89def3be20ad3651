'use client'

import { CircleCheck, CircleDashed, ShieldCheck, TriangleAlert } from 'lucide-react'
import { DayStrip, StripLegend, describeStrip } from '#components/charts/day-strip.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Time } from '#components/ui/time.tsx'
import { gravestFirst, isSafe } from '#lib/domain/overview-verdict.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { DatabaseSafety, OverviewView } from '#lib/domain/views.ts'

type Stand = ReturnType<typeof gravestFirst>[number]

export function SafetyTable({ view }: { view: OverviewView }) {
  const stands = gravestFirst(view)
  const columns: Column<Stand>[] = [
    {
      id: 'database',
      header: 'Database',
      primary: true,
      cell: ({ safety: row }) => (
        <>
          <Link quiet stretched href={`/databases/${row.database.id}`}>
            {row.database.name}
          </Link>
          <div className="max-w-[26ch] truncate font-mono text-[12.5px] text-ink-2" title={`${row.database.host}:${row.database.port}`}>
            {row.database.host}:{row.database.port}
          </div>
          {row.database.reachable === false && (
            <div className="mt-0.5 flex items-center gap-1 text-sm text-bad">
              <TriangleAlert aria-hidden className="size-3.5" />
              not reachable
            </div>
          )}
        </>
      ),
    },
    {
      id: 'loss',
      header: 'If it broke now',
      cell: ({ safety, standing }) => <Loss safety={safety} bad={!isSafe(standing)} />,
    },
    { id: 'proven', header: 'Proven', cell: ({ safety }) => <Proven safety={safety} /> },
    {
      id: 'copies',
      header: 'Copies',
      cell: ({ safety: row }) =>
        row.places.length === 0 ? (
          <span className="text-ink-3">nowhere</span>
        ) : (
          <>
            {formatCount(row.places.length, 'place')}
            <div className="max-w-[26ch] text-ink-2 sm:min-w-[15ch] [overflow-wrap:anywhere]">{row.places.join(', ')}</div>
          </>
        ),
    },
    {
      id: 'strip',
      header: '90 days',
      bare: true,
      className: 'md:w-[28%]',
      cell: ({ safety: row }) => (
        <>
          <DayStrip strip={row.strip} name={row.database.name} />
          <div className="mt-0.5 text-sm text-ink-2">{describeStrip(row.strip)}</div>
        </>
      ),
    },
  ]
  return (
    <>
      <DataTable caption="Databases and how safe they are" columns={columns} rows={stands} rowKey={(row) => row.safety.database.id} linked />
      <div className="border-t border-line px-4 py-2 sm:px-[18px]">
        <StripLegend />
      </div>
    </>
  )
}

/** The loss grows while the page is open: it is counted from the newest restorable point, not from when the page was read. */
function Loss({ safety, bad }: { safety: DatabaseSafety; bad: boolean }) {
  const now = useNow()
  const newest = safety.database.newestRestorableAt
  const loss = newest === null ? safety.lossSeconds : Math.max(0, (now - new Date(newest).getTime()) / 1000)
  return (
    <>
      {safety.lossSeconds === null ? (
        <span className="font-[550] whitespace-nowrap text-bad">everything lost</span>
      ) : (
        <span className={bad ? 'font-[550] text-bad' : ''}>{formatDuration(loss === null ? null : inMinutes(loss))} lost</span>
      )}
      <div className="text-ink-2 sm:min-w-[19ch]">
        {safety.recoverySeconds === null
          ? 'back in: unmeasured'
          : `back in about ${formatDuration(safety.recoverySeconds)} (${formatCount(safety.recoveryMeasuredFrom, 'restore')})`}
      </div>
    </>
  )
}

/** Seconds, in whole minutes: the seconds of a loss are noise. */
function inMinutes(seconds: number): number {
  return Math.max(60, Math.round(seconds / 60) * 60)
}

function Proven({ safety }: { safety: DatabaseSafety }) {
  if (safety.provenAt !== null) {
    return (
      <>
        <Chip tone="ok" icon={ShieldCheck}>
          restored and compared
        </Chip>
        <div className="text-ink-2">
          <Time at={safety.provenAt} />
        </div>
      </>
    )
  }
  if (safety.verifiedAt !== null) {
    return (
      <>
        <Chip tone="idle" icon={CircleCheck}>
          read back
        </Chip>
        <div className="text-ink-2">
          <Time at={safety.verifiedAt} />, not proven
        </div>
      </>
    )
  }
  return (
    <Chip tone="none" icon={CircleDashed}>
      never
    </Chip>
  )
}
