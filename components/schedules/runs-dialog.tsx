'use client'

import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { Link } from '#components/ui/link.tsx'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { formatZoned } from '#lib/domain/units.ts'
import { NextRuns } from './next-runs.tsx'
import { markOf, markWords } from './slot-mark.ts'

/** The next five runs and the last that were due, with what became of each. Mounted while it is open. */
export function RunsDialog({ schedule, onClose }: { schedule: ScheduleView; onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={`Runs of the ${schedule.tier} schedule of ${schedule.database.name}`}
      width="max-w-[620px]"
    >
      <p className="m-0 text-ink-2">
        {schedule.words} <code className="font-mono text-[12.5px]">{schedule.cron}</code>
      </p>
      <section>
        <h3 className="m-0 mb-1.5 font-semibold">Next five</h3>
        {schedule.next.length === 0 ? (
          <p className="m-0 text-ink-2">{schedule.pausedAt === null ? 'None is to come.' : 'It is paused: none is owed.'}</p>
        ) : (
          <NextRuns next={schedule.next} timeZone={schedule.timeZone} />
        )}
      </section>
      <section>
        <h3 className="m-0 mb-1.5 font-semibold">Last that were due</h3>
        {schedule.last.length === 0 ? (
          <p className="m-0 text-ink-2">None was due yet.</p>
        ) : (
          <DataTable
            caption={`Last runs of the ${schedule.tier} schedule of ${schedule.database.name}`}
            keep
            rows={schedule.last.toReversed()}
            rowKey={(slot) => slot.at}
            columns={[
              { id: 'at', header: 'Owed at', cell: (slot) => <time dateTime={slot.at}>{formatZoned(slot.at, schedule.timeZone)}</time> },
              {
                id: 'became',
                header: 'What became of it',
                cell: (slot) => (
                  <>
                    {slot.operation === null ? (
                      markWords[markOf(slot)]
                    ) : (
                      <Link href={`/operations/${slot.operation.id}`}>{markWords[markOf(slot)]}</Link>
                    )}
                    {slot.reason !== null && <span className="block text-sm text-ink-2 [overflow-wrap:anywhere]">{slot.reason}</span>}
                  </>
                ),
              },
            ]}
          />
        )}
      </section>
      <DialogActions>
        <Button autoFocus onPress={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  )
}
