'use client'

import { useRef, useState } from 'react'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { sealKeysAnew } from '#lib/client/storing.ts'

interface Props {
  onClose: () => void
  onStarted: (answer: Awaited<ReturnType<typeof sealKeysAnew>>) => void
}

/** Mounted while it is open. */
export function SealAnew({ onClose, onStarted }: Props) {
  const [forgetOld, setForgetOld] = useState(false)
  // a press after a lost answer is the same act
  const key = useRef(crypto.randomUUID())
  return (
    <AlertDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title="Seal the keys of all backups anew?"
      confirm="Seal the keys anew"
      cancel="Leave them"
      variant={forgetOld ? 'danger' : 'primary'}
      onConfirm={async () => onStarted(await sealKeysAnew({ forgetOld }, key.current))}
    >
      <p className="m-0 mb-3">
        Beside each copy one small object is written that the keys in force open. The data is not read and not written. Storages that cannot be
        reached now are done when they are back.
      </p>
      <Checkbox checked={forgetOld} onChange={setForgetOld}>
        Then remove the older key objects, so that an older key opens nothing any more.{' '}
        <span className="text-ink-2">Where a lock or a hold forbids it they stay, and are counted.</span>
      </Checkbox>
    </AlertDialog>
  )
}
