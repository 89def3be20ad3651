'use client'

import { CircleHelp, Cloud, HardDrive, Plug, Unplug } from 'lucide-react'
import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { Link } from '#components/ui/link.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { UseBar } from '#components/ui/progress-bar.tsx'
import { Time } from '#components/ui/time.tsx'
import { checkStorage, reconcileStorage } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { capacityOf } from './capacity.ts'
import { ChangeStorage } from './change-storage.tsx'
import { RemoveStorage } from './remove-storage.tsx'

/** One storage: is there room, is it there, and the acts on it. */
export function StorageCard({ storage, role }: { storage: StorageView; role: Role }) {
  const [running, setRunning] = useState<{ kind: 'check' | 'reconcile'; id: string } | null>(null)
  const [changing, setChanging] = useState(false)
  const [removing, setRemoving] = useState(false)
  const check = useStart(
    (_key) => checkStorage(storage.id),
    ({ operationId }) => setRunning({ kind: 'check', id: operationId }),
  )
  const reconcile = useStart(
    (_key) => reconcileStorage(storage.id, { adopt: false }),
    ({ operationId }) => setRunning({ kind: 'reconcile', id: operationId }),
  )
  const reasonFor = (permission: Parameters<typeof allows>[1]) => (allows(role, permission) ? null : reasonDenied(permission))
  const capacity = capacityOf(storage)
  const Icon = storage.kind === 's3' ? Cloud : HardDrive

  return (
    <article
      id={storage.id}
      aria-labelledby={`${storage.id}-name`}
      className="flex min-w-0 flex-col gap-3 rounded-[10px] border border-line bg-panel p-4 shadow-raise target:border-accent sm:p-[18px]"
    >
      <header className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-2">
        <div className="flex min-w-0 items-start gap-2.5">
          <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-3" />
          <div className="min-w-0">
            <h2 id={`${storage.id}-name`} className="m-0 text-lg font-semibold [overflow-wrap:anywhere]">
              {storage.name}
            </h2>
          </div>
        </div>
        <div className="text-right">
          <Reach storage={storage} />
          <span className="block text-sm text-ink-2">
            checked <Time at={storage.checkedAt} />
          </span>
        </div>
        <p className="col-span-2 m-0 font-mono text-xs text-ink-2 [overflow-wrap:anywhere]">{storage.place}</p>
      </header>
      <div>
        {capacity.share !== null && <UseBar label={`Use of ${storage.name}`} share={capacity.share} tone={capacity.tone} />}
        <p
          className={`m-0 mt-1.5 text-sm ${capacity.tone === 'bad' ? 'font-[550] text-bad' : capacity.tone === 'warn' ? 'font-[550] text-warn' : 'text-ink-2'}`}
        >
          {capacity.words}
        </p>
        <p className="m-0 text-sm text-ink-2">
          <Link href={`/backups?storageId=${storage.id}`}>
            {storage.reachable === false
              ? `${formatCount(storage.copies, 'copy', 'copies')}, out of reach now`
              : formatCount(storage.copies, 'readable copy', 'readable copies')}
          </Link>
        </p>
      </div>
      {/* a test that was just made says it itself, with its remedy */}
      {storage.problem !== null && running?.kind !== 'check' && (
        <Problem title={storage.problem}>Its copies stay as they are. Nothing is written there until a check passes.</Problem>
      )}
      <div className="flex flex-wrap gap-2">
        <Button size="small" reason={reasonFor('check.run')} pending={check.pending} onPress={() => void check.start()}>
          Test again
        </Button>
        <Button size="small" reason={reasonFor('storage.reconcile')} pending={reconcile.pending} onPress={() => void reconcile.start()}>
          Reconcile
        </Button>
        <Button size="small" reason={reasonFor('storage.write')} onPress={() => setChanging(true)}>
          Change
        </Button>
        <Button size="small" variant="plain" reason={reasonFor('storage.write')} onPress={() => setRemoving(true)}>
          Remove from Lifeboat
        </Button>
      </div>
      <Refusal problem={check.problem ?? reconcile.problem} />
      {running?.kind === 'check' && <CheckReport key={running.id} id={running.id} subject={storage.name} />}
      {running?.kind === 'reconcile' && <LiveOperation key={running.id} id={running.id} />}
      <Dialog isOpen={changing} onOpenChange={setChanging} title={`Change ${storage.name}`}>
        <ChangeStorage
          storage={storage}
          onDone={(checkId) => {
            setChanging(false)
            if (checkId !== null) setRunning({ kind: 'check', id: checkId })
          }}
        />
      </Dialog>
      <RemoveStorage storage={storage} isOpen={removing} onOpenChange={setRemoving} />
    </article>
  )
}

function Reach({ storage }: { storage: StorageView }) {
  if (storage.reachable === null) {
    return (
      <Chip tone="none" icon={CircleHelp}>
        not checked yet
      </Chip>
    )
  }
  return storage.reachable ? (
    <Chip tone="ok" icon={Plug}>
      reachable
    </Chip>
  ) : (
    <Chip tone="bad" icon={Unplug}>
      not usable
    </Chip>
  )
}
