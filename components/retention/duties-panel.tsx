'use client'

import { CircleCheck, Hourglass, Plus } from 'lucide-react'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Chip } from '#components/ui/chip.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { say } from '#components/ui/toaster.tsx'
import { addDuty, removeDuty } from '#lib/client/keeping.ts'
import { keepWords } from '#lib/domain/keep.ts'
import type { RetentionDutyView, RetentionView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount, formatRelative, formatUtc } from '#lib/domain/units.ts'
import { AddDuty } from './add-duty.tsx'

/** What must be kept whatever the rules say, and where rules and duties contradict each other. */
export function DutiesPanel({ retention, role }: { retention: RetentionView; role: Role }) {
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<RetentionDutyView | null>(null)
  const refresh = useRefresh()
  const keeping = useStart(
    (_key, { name, tag, tier, keep, reference }: RetentionDutyView) => addDuty({ name, tag, tier, keep, reference }),
    () => {
      say('The duty stays')
      refresh()
    },
  )
  const denied = allows(role, 'retention.write') ? null : reasonDenied('retention.write')
  const { duties, findings } = retention
  return (
    <Panel
      title="Duties"
      say="What a law or a contract asks for. A duty keeps by age, whatever the rules say."
      aside={
        <Button size="small" variant="plain" icon={<Plus aria-hidden />} reason={denied} onPress={() => setAdding(true)}>
          Add a duty
        </Button>
      }
      flush
    >
      {findings.length > 0 && (
        <section aria-label="Contradictions" className="border-b border-line">
          <FindingList findings={findings} />
        </section>
      )}
      {duties.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">No duty is written down: the rules alone decide.</p>
      ) : (
        <DataTable
          caption="Duties"
          rows={duties}
          rowKey={(duty) => duty.id}
          columns={[
            {
              id: 'duty',
              header: 'Duty',
              primary: true,
              cell: (duty) => (
                <>
                  <span className="font-semibold">{duty.name}</span>
                  {duty.endsAt !== null && <Ending duty={duty} endsAt={duty.endsAt} />}
                  {duty.reference !== '' && <span className="block text-sm text-ink-2 [overflow-wrap:anywhere]">{duty.reference}</span>}
                </>
              ),
            },
            { id: 'keeps', header: 'Keeps', cell: (duty) => `${duty.tier} backups, ${keepWords(duty.keep)}` },
            {
              id: 'databases',
              header: 'Of databases tagged',
              cell: (duty) => (
                <>
                  <code className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{duty.tag}</code>
                  <span className="block text-sm text-ink-2">
                    {duty.databases.length === 0
                      ? 'no database has this tag'
                      : duty.databases.map((one, index) => (
                          <span key={one.id}>
                            {index > 0 && ', '}
                            <Link href={`/databases/${one.id}`} quiet>
                              {one.name}
                            </Link>
                          </span>
                        ))}
                  </span>
                </>
              ),
            },
            {
              id: 'acts',
              header: <span className="sr-only">Acts</span>,
              bare: true,
              align: 'end',
              cell: (duty) =>
                duty.endsAt === null ? (
                  <Button size="small" variant="plain" label={`Remove the duty ${duty.name}`} reason={denied} onPress={() => setRemoving(duty)}>
                    Remove
                  </Button>
                ) : (
                  <Button
                    size="small"
                    label={`Keep the duty ${duty.name}`}
                    reason={denied}
                    pending={keeping.pending}
                    onPress={() => void keeping.start(duty)}
                  >
                    Keep
                  </Button>
                ),
            },
          ]}
        />
      )}
      {duties.length > 0 && findings.length === 0 && (
        <p className="m-0 flex items-center gap-2 border-t border-line px-4 py-2.5 text-sm text-ink-2 sm:px-[18px]">
          <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />
          No rule contradicts a duty.
        </p>
      )}
      {keeping.problem !== null && (
        <div className="px-4 pb-3">
          <Refusal problem={keeping.problem} />
        </div>
      )}
      {adding && <AddDuty onClose={() => setAdding(false)} />}
      <AlertDialog
        isOpen={removing !== null}
        onOpenChange={(open) => !open && setRemoving(null)}
        title={`Remove the duty ${removing?.name ?? ''}?`}
        confirm="Remove the duty"
        cancel="Keep the duty"
        onConfirm={async () => {
          if (removing === null) return
          await removeDuty(removing.id)
          say(`The duty ${removing.name} ends`, {
            detail: `In ${formatCount(retention.settings.shrinkDelayHours, 'hour')}; until then it can be taken back.`,
          })
          refresh()
        }}
      >
        <p className="m-0">
          {removing !== null &&
            `It holds for ${formatCount(retention.settings.shrinkDelayHours, 'hour')} more, and can be taken back until then. After that, ${removing.tier} backups of databases tagged ${removing.tag} stay only as long as the rules say.`}
        </p>
      </AlertDialog>
    </Panel>
  )
}

function Ending({ duty, endsAt }: { duty: RetentionDutyView; endsAt: string }) {
  const now = useNow()
  return (
    <span className="my-1 flex flex-wrap items-center gap-x-2">
      <Chip tone="warn" icon={Hourglass}>
        ends {formatRelative(endsAt, now)}
      </Chip>
      <span className="text-sm text-ink-2">
        {duty.name} holds until {formatUtc(endsAt)}
      </span>
    </span>
  )
}
