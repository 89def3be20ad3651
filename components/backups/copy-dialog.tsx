'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { makeCopy } from '#lib/client/storing.ts'
import { formatBytes } from '#lib/domain/units.ts'
import type { BackupView, CopyView, DatabaseView, StorageView } from '#lib/domain/views.ts'
import { refusedAt } from './copy-acts.ts'

interface Props {
  backup: BackupView
  storages: StorageView[]
  database: DatabaseView | null
  /** the copy that goes when the new one was read back; null: nothing goes */
  moved: CopyView | null
  onClose: () => void
  /** null: the copy waits for its medium */
  onStarted: (operationId: string | null) => void
}

/** Another copy from a good one, without touching the source database. Mounted while it is open. */
export function CopyDialog({ backup, storages, database, moved, onClose, onStarted }: Props) {
  const [storageId, setStorageId] = useState<string | null>(null)
  const options = storages.map((storage) => ({
    value: storage.id,
    title: storage.name,
    detail: detailOf(storage),
    reason: refusedAt(storage, backup, database),
  }))
  const verb = moved === null ? 'Make the copy' : 'Move the copy'
  const target = storages.find((one) => one.id === storageId)
  const reason = target === undefined ? 'Choose a storage first.' : null
  const copy = useStart(
    (key) => makeCopy({ backupId: backup.id, storageId: storageId ?? '', fromCopyId: moved?.id ?? null, move: moved !== null }, key),
    ({ operationId }) => {
      onStarted(operationId)
      onClose()
    },
  )
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={moved === null ? `Copy ${backup.name} to another storage` : `Move the copy on ${moved.storage.name} to another storage`}
    >
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void copy.start()
        }}
      >
        <p className="m-0 text-ink-2">
          {formatBytes(backup.storedBytes)} are read from a good copy and stored byte for byte, manifest last. The source database is not read again.
          {moved !== null && ` The copy on ${moved.storage.name} is deleted only after the new one was read back whole.`}
        </p>
        <RadioCards label="To which storage?" value={storageId} onChange={setStorageId} options={options} />
        <Refusal problem={copy.problem} />
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant={moved === null ? 'primary' : 'danger'} reason={reason} pending={copy.pending}>
            {verb}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

function detailOf(storage: StorageView): string {
  const room = storage.freeBytes === null ? null : `${formatBytes(storage.freeBytes)} free`
  const absent = storage.reachable === false ? (storage.medium === 'offline' ? 'offline now: the copy waits for it' : 'not usable now') : null
  return [storage.kind === 's3' ? 'S3 bucket' : 'directory', storage.region === null ? null : `region ${storage.region}`, room, absent]
    .filter((part) => part !== null)
    .join(' · ')
}
