'use client'

import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { LiveOperation } from '#components/follow/live-operation.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog } from '#components/ui/dialog.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { checkStorage, reconcileStorage } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { ChangeStorage } from './change-storage.tsx'
import { RemoveStorage } from './remove-storage.tsx'

/** The acts on one storage; what they start is followed here. */
export function StorageActs({ storage, role }: { storage: StorageView; role: Role }) {
  const [running, setRunning] = useState<{ kind: 'check' | 'reconcile'; id: string } | null>(null)
  const [changing, setChanging] = useState(false)
  const [removing, setRemoving] = useState(false)
  const refresh = useRefresh()
  const check = useStart(
    (_key) => checkStorage(storage.id),
    ({ operationId }) => setRunning({ kind: 'check', id: operationId }),
  )
  const reconcile = useStart(
    (_key) => reconcileStorage(storage.id, { adopt: false }),
    ({ operationId }) => setRunning({ kind: 'reconcile', id: operationId }),
  )
  const reasonFor = (permission: Parameters<typeof allows>[1]) => (allows(role, permission) ? null : reasonDenied(permission))
  return (
    <div className="mb-5 flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button reason={reasonFor('check.run')} pending={check.pending} onPress={() => void check.start()}>
          {storage.kind === 's3' ? 'Test the credentials' : 'Test the directory'}
        </Button>
        <Button reason={reasonFor('storage.reconcile')} pending={reconcile.pending} onPress={() => void reconcile.start()}>
          Reconcile now
        </Button>
        <Button reason={reasonFor('storage.write')} onPress={() => setChanging(true)}>
          Change
        </Button>
        <Button variant="plain" reason={reasonFor('storage.write')} onPress={() => setRemoving(true)}>
          Remove from Lifeboat
        </Button>
      </div>
      <Refusal problem={check.problem ?? reconcile.problem} />
      {running?.kind === 'check' && <CheckReport key={running.id} id={running.id} subject={storage.name} onEnd={refresh} />}
      {running?.kind === 'reconcile' && (
        <Panel title={`Comparing ${storage.name} with the catalogue`}>
          <LiveOperation key={running.id} id={running.id} onEnd={refresh} />
        </Panel>
      )}
      <Dialog isOpen={changing} onOpenChange={setChanging} title={`Change ${storage.name}`} width="max-w-[640px]">
        <ChangeStorage
          storage={storage}
          onDone={(checkId) => {
            setChanging(false)
            if (checkId !== null) setRunning({ kind: 'check', id: checkId })
          }}
        />
      </Dialog>
      <RemoveStorage storage={storage} isOpen={removing} onOpenChange={setRemoving} />
    </div>
  )
}
