'use client'

import { Lock, LockOpen } from 'lucide-react'
import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import type { HoldView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import { PlaceHold } from './place-hold.tsx'
import { ReleaseHold } from './release-hold.tsx'

/** Who keeps it, and why: nothing that is held is deleted, by rule or by hand. */
export function HoldsPanel({ backup, holds, role }: { backup: { id: string; name: string }; holds: readonly HoldView[]; role: Role }) {
  const [placing, setPlacing] = useState(false)
  const [releasing, setReleasing] = useState<HoldView | null>(null)
  const refresh = useRefresh()
  const open = holds.filter((one) => one.releasedAt === null)
  const rows = [...open, ...holds.filter((one) => one.releasedAt !== null)]
  const deniedRelease = allows(role, 'hold.release') ? null : reasonDenied('hold.release')
  return (
    <Panel
      title={open.length === 0 ? 'Not held' : `Held by ${formatCount(open.length, 'hold')}`}
      aside={
        <Button
          size="small"
          icon={<Lock aria-hidden />}
          reason={allows(role, 'hold.place') ? null : reasonDenied('hold.place')}
          onPress={() => setPlacing(true)}
        >
          Place a hold
        </Button>
      }
      say={
        open.length === 0
          ? 'A hold keeps every copy of it, whatever the rules say, until somebody releases it.'
          : 'No copy of it is deleted, by rule or by hand, until every hold is released.'
      }
      flush
    >
      {rows.length > 0 && (
        <DataTable
          caption="Holds on this backup"
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              id: 'hold',
              header: 'Hold',
              primary: true,
              cell: (row) => (
                <>
                  <Chip tone={row.releasedAt === null ? 'idle' : 'none'} icon={row.releasedAt === null ? Lock : LockOpen}>
                    {row.releasedAt === null ? row.kind : `${row.kind}, released`}
                  </Chip>
                  <span className="mt-1 block font-normal">{row.reason}</span>
                </>
              ),
            },
            {
              id: 'placed',
              header: 'Placed',
              cell: (row) => (
                <>
                  <Time at={row.placedAt} />
                  <span className="block text-sm text-ink-2">by {row.placedName}</span>
                </>
              ),
            },
            {
              id: 'released',
              header: 'Released',
              cell: (row) =>
                row.releasedAt === null ? (
                  <Button
                    size="small"
                    variant="plain"
                    label={`Release the ${row.kind} hold: ${row.reason}`}
                    reason={deniedRelease}
                    onPress={() => setReleasing(row)}
                  >
                    Release
                  </Button>
                ) : (
                  <>
                    <Time at={row.releasedAt} />
                    <span className="block text-sm text-ink-2 [overflow-wrap:anywhere]">
                      by {row.releasedName ?? 'unknown'}
                      {row.releaseReason !== null && row.releaseReason !== '' && `: ${row.releaseReason}`}
                    </span>
                  </>
                ),
            },
          ]}
        />
      )}
      {placing && <PlaceHold backup={backup} onClose={() => setPlacing(false)} onPlaced={refresh} />}
      {releasing !== null && <ReleaseHold hold={releasing} last={open.length === 1} onClose={() => setReleasing(null)} onReleased={refresh} />}
    </Panel>
  )
}
