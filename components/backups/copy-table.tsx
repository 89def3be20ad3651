'use client'

import { useQuery } from '@tanstack/react-query'
import { CopyPlus } from 'lucide-react'
import { useState } from 'react'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { CopyBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { verifyBackups } from '#lib/client/mutations.ts'
import { backupQuery } from '#lib/client/queries.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatBytes, formatUtc } from '#lib/domain/units.ts'
import type { BackupDetail, CopyView, DatabaseView, StorageView } from '#lib/domain/views.ts'
import { copyCan, noSource } from './copy-acts.ts'
import { CopyDialog } from './copy-dialog.tsx'
import { RepairDialog } from './repair-dialog.tsx'

interface Props {
  backup: BackupDetail
  storages: StorageView[]
  /** null: it was taken off the list */
  database: DatabaseView | null
  role: Role
}

type Asking = { act: 'copy' } | { act: 'move' | 'repair'; copy: CopyView }

/** Where it lies, how each copy is, and what can be done with each. */
export function CopyTable({ backup: first, storages, database, role }: Props) {
  const { data: backup } = useQuery({ ...backupQuery(first.id), initialData: first })
  const [asking, setAsking] = useState<Asking | null>(null)
  const [running, setRunning] = useState<string | null>(null)
  const refresh = useRefresh()
  const verify = useStart(
    (key, copyId: string) => verifyBackups({ backupIds: [backup.id], copyIds: [copyId] }, key),
    ({ operationIds }) => setRunning(operationIds[0] ?? null),
  )
  function started(operationId: string | null) {
    setRunning(operationId)
    if (operationId === null) {
      say('The copy waits for its medium', { detail: 'It is made as soon as a worker sees it again.' })
      refresh()
    }
  }
  const deniedVerify = allows(role, 'backup.verify') ? null : reasonDenied('backup.verify')
  const deniedCopy = allows(role, 'copy.run') ? null : reasonDenied('copy.run')
  const deniedMove = allows(role, 'copy.move') ? null : reasonDenied('copy.move')
  const nothing = noSource(backup)
  return (
    <Panel
      title="Copies"
      aside={
        <Button
          size="small"
          icon={<CopyPlus aria-hidden />}
          reason={deniedCopy ?? nothing ?? (storages.length < 2 ? 'There is no other storage: add one first.' : null)}
          onPress={() => setAsking({ act: 'copy' })}
        >
          Copy to another storage
        </Button>
      }
      flush
    >
      {backup.copies.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">It has no copy: the attempt ended before anything was stored.</p>
      ) : (
        <DataTable
          caption="Copies of this backup"
          rows={backup.copies}
          rowKey={(copy) => copy.id}
          columns={[
            {
              id: 'storage',
              header: 'Storage',
              primary: true,
              className: 'w-full',
              cell: (copy) => (
                <>
                  <Link href={`/storages/${copy.storage.id}`} quiet>
                    {copy.storage.name}
                  </Link>
                  <CopyNote copy={copy} medium={storages.find((one) => one.id === copy.storage.id)?.medium ?? 'online'} />
                </>
              ),
            },
            { id: 'state', header: 'State', cell: (copy) => <CopyBadge state={copy.state} /> },
            {
              id: 'stored',
              header: 'Stored',
              cell: (copy) => (
                <>
                  <Time at={copy.storedAt} never="not yet" />
                  {copy.storedAt !== null && <span className="block text-sm text-ink-2">{formatBytes(copy.storedBytes)}</span>}
                </>
              ),
            },
            { id: 'verified', header: 'Read back whole', cell: (copy) => <Time at={copy.verifiedAt} /> },
            {
              id: 'acts',
              header: <span className="sr-only">Acts</span>,
              bare: true,
              cell: (copy) => (
                <div className="-my-0.5 flex gap-1 sm:justify-end">
                  {copyCan(copy).repair && (
                    <Button
                      size="small"
                      label={`Repair the copy on ${copy.storage.name}`}
                      reason={deniedCopy ?? nothing}
                      onPress={() => setAsking({ act: 'repair', copy })}
                    >
                      Repair
                    </Button>
                  )}
                  {copyCan(copy).verify && (
                    <Button
                      size="small"
                      variant="plain"
                      label={`Verify the copy on ${copy.storage.name}`}
                      reason={deniedVerify}
                      pending={verify.pending}
                      onPress={() => void verify.start(copy.id)}
                    >
                      Verify
                    </Button>
                  )}
                  {copyCan(copy).move && (
                    <Button
                      size="small"
                      variant="plain"
                      label={`Move the copy on ${copy.storage.name}`}
                      reason={deniedMove ?? (storages.length < 2 ? 'There is no other storage: add one first.' : null)}
                      onPress={() => setAsking({ act: 'move', copy })}
                    >
                      Move
                    </Button>
                  )}
                </div>
              ),
            },
          ]}
        />
      )}
      {(running !== null || verify.problem !== null) && (
        <div className="flex flex-col gap-3 border-t border-line px-4 py-3.5 sm:px-[18px]">
          <Refusal problem={verify.problem} />
          {running !== null && <LiveOperation key={running} id={running} onEnd={refresh} />}
        </div>
      )}
      {(asking?.act === 'copy' || asking?.act === 'move') && (
        <CopyDialog
          backup={backup}
          storages={storages}
          database={database}
          moved={asking.act === 'move' ? asking.copy : null}
          onClose={() => setAsking(null)}
          onStarted={started}
        />
      )}
      {asking?.act === 'repair' && <RepairDialog backup={backup} copy={asking.copy} onClose={() => setAsking(null)} onStarted={started} />}
    </Panel>
  )
}

/** Why a copy is not there, until when a lock keeps it, what is wrong with it. */
function CopyNote({ copy, medium }: { copy: CopyView; medium: StorageView['medium'] }) {
  const { state, problem, nextTryAt, retainedUntil } = copy
  const again = nextTryAt !== null && (
    <>
      {' '}
      Tried again <Time at={nextTryAt} />.
    </>
  )
  if (state === 'waiting') {
    return (
      <span className="block text-sm text-ink-2 [overflow-wrap:anywhere]">
        {problem ?? (medium === 'offline' ? 'An offline medium: the copy is made when it is back.' : 'It waits until the storage is reached.')}
        {again}
      </span>
    )
  }
  return (
    <>
      {problem !== null && (
        <span className={`block text-sm [overflow-wrap:anywhere] ${state === 'retained' ? 'text-ink-2' : 'text-bad'}`}>{problem}</span>
      )}
      {again && <span className="block text-sm text-ink-2">{again}</span>}
      {retainedUntil !== null && <span className="block text-sm text-ink-2">Locked until {formatUtc(retainedUntil)}.</span>}
    </>
  )
}
