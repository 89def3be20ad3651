'use client'

import { useState } from 'react'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import type { DriftAction } from '#lib/domain/drift.ts'
import type { StorageDetail, StorageDrift } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { DriftDialog } from './drift-dialog.tsx'
import { byGravity, driftActs, driftFinding, driftLook } from './drift-words.ts'

const shownAtMost = 50

/** Where the storage and the catalogue disagree, and what can be done with each. */
export function DriftPanel({ storage, detail, role, limited }: { storage: StorageView; detail: StorageDetail; role: Role; limited: boolean }) {
  const [asking, setAsking] = useState<{ drift: StorageDrift; action: DriftAction } | null>(null)
  const [running, setRunning] = useState<string | null>(null)
  const [all, setAll] = useState(false)
  const refresh = useRefresh()
  const denied = allows(role, 'storage.reconcile') ? null : reasonDenied('storage.reconcile')
  const sorted = byGravity(detail.drift)
  if (limited) {
    return (
      <Panel
        title="What differs from the catalogue is not shown to you"
        say="You see some of the databases only, and the names on the storage tell of others. Somebody who sees all of them can look."
      />
    )
  }
  const rows = all ? sorted : sorted.slice(0, shownAtMost)
  return (
    <Panel
      title={detail.reconciledAt === null && sorted.length === 0 ? 'Not compared with the catalogue yet' : driftFinding(sorted)}
      aside={
        <>
          compared <Time at={detail.reconciledAt} />
        </>
      }
      say={
        sorted.length === 0
          ? detail.reconciledAt === null
            ? 'It is compared every day. “Reconcile now” does it at once; nothing is changed by looking.'
            : 'Every copy that the catalogue knows has its objects, and nothing else lies there.'
          : 'Found when every object was listed. Nothing is removed by itself.'
      }
      flush
    >
      {rows.length > 0 && (
        <DataTable
          caption={`Where ${storage.name} and the catalogue disagree`}
          rows={rows}
          rowKey={(row) => `${row.kind} ${row.path}`}
          columns={[
            {
              id: 'path',
              header: 'What',
              primary: true,
              className: 'w-full',
              cell: (row) => (
                <>
                  <Chip tone={driftLook[row.kind].tone} icon={driftLook[row.kind].icon}>
                    {driftLook[row.kind].word}
                  </Chip>
                  <span className="mt-1 block font-mono text-xs">{row.path}</span>
                  <span className="block text-sm text-ink-2">{row.words}</span>
                </>
              ),
            },
            { id: 'found', header: 'Found', cell: (row) => <Time at={row.foundAt} /> },
            {
              id: 'acts',
              header: 'What can be done',
              cell: (row) =>
                row.actions.length === 0 ? (
                  <span className="text-ink-3">only by hand</span>
                ) : (
                  <span className="flex flex-wrap gap-1">
                    {row.actions.map((action) => (
                      <Button
                        key={action}
                        size="small"
                        label={`${driftActs[action].verb} ${row.path}`}
                        reason={denied}
                        onPress={() => setAsking({ drift: row, action })}
                      >
                        {driftActs[action].verb}
                      </Button>
                    ))}
                  </span>
                ),
            },
          ]}
        />
      )}
      {sorted.length > rows.length && (
        <p className="m-0 border-t border-line px-4 py-2.5 sm:px-[18px]">
          <Button size="small" variant="plain" onPress={() => setAll(true)}>
            {`Show ${formatCount(sorted.length - rows.length)} more`}
          </Button>
        </p>
      )}
      {running !== null && (
        <div className="border-t border-line px-4 py-3.5 sm:px-[18px]">
          <LiveOperation key={running} id={running} onEnd={refresh} />
        </div>
      )}
      {asking !== null && (
        <DriftDialog
          storage={storage}
          drift={asking.drift}
          action={asking.action}
          onClose={() => setAsking(null)}
          onStarted={(operationId) => {
            setRunning(operationId)
            if (operationId === null) refresh()
          }}
        />
      )}
    </Panel>
  )
}
