'use client'

import { OverwriteDialog } from '#components/restore/overwrite-dialog.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { clearDrift } from '#lib/client/storing.ts'
import type { DriftAction } from '#lib/domain/drift.ts'
import type { StorageDrift } from '#lib/domain/keeping-views.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { driftActs } from './drift-words.ts'

interface Props {
  storage: StorageView
  drift: StorageDrift
  action: DriftAction
  onClose: () => void
  /** null: it was done at once */
  onStarted: (operationId: string | null) => void
}

/** Asks before one act on one thing that differs; what deletes for good wants the storage's name typed. Mounted while it is open. */
export function DriftDialog({ storage, drift, action, onClose, onStarted }: Props) {
  const { verb, consequence, typed } = driftActs[action]
  const title = `${verb} ${drift.path}?`
  const onOpenChange = (open: boolean) => !open && onClose()
  async function act() {
    const answer = await clearDrift(storage.id, { action, kind: drift.kind, path: drift.path })
    onStarted(answer?.operationId ?? null)
  }
  const words = <p className="m-0 [overflow-wrap:anywhere]">{consequence(drift, storage.name)}</p>
  return typed ? (
    <OverwriteDialog isOpen onOpenChange={onOpenChange} title={title} target={storage.name} confirm={verb} start={act}>
      {words}
    </OverwriteDialog>
  ) : (
    <AlertDialog
      isOpen
      onOpenChange={onOpenChange}
      title={title}
      confirm={verb}
      cancel="Leave it"
      variant={action === 'abort' ? 'danger' : 'primary'}
      onConfirm={act}
    >
      {words}
    </AlertDialog>
  )
}
