'use client'

import { useRef } from 'react'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { makeCopy } from '#lib/client/storing.ts'
import type { BackupView, CopyView } from '#lib/domain/views.ts'
import { isReadable } from './copy-acts.ts'

interface Props {
  backup: BackupView
  copy: CopyView
  onClose: () => void
  /** null: the copy waits for its medium */
  onStarted: (operationId: string | null) => void
}

/** A bad copy is made again from a good one. Mounted while it is open. */
export function RepairDialog({ backup, copy, onClose, onStarted }: Props) {
  // a press after a lost answer is the same act
  const key = useRef(crypto.randomUUID())
  const good = backup.copies.filter((one) => one.id !== copy.id && isReadable(one)).map((one) => one.storage.name)
  return (
    <AlertDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={`Repair the copy on ${copy.storage.name}?`}
      confirm="Repair the copy"
      cancel="Leave it"
      variant="primary"
      onConfirm={async () => {
        const body = { backupId: backup.id, storageId: copy.storage.id, fromCopyId: null, move: false }
        onStarted((await makeCopy(body, key.current)).operationId)
      }}
    >
      <p className="m-0">
        What is left of it on {copy.storage.name} is replaced, byte for byte, from{' '}
        {good.length === 0 ? 'a good copy' : `the copy on ${good.join(' or ')}`}. The source database is not touched, and the other copies stay as
        they are.
      </p>
    </AlertDialog>
  )
}
