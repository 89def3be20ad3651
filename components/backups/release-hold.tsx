'use client'

import { useState } from 'react'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { releaseHold } from '#lib/client/storing.ts'
import type { HoldView } from '#lib/domain/keeping-views.ts'
import { formatUtc } from '#lib/domain/units.ts'

interface Props {
  hold: HoldView
  /** no other hold keeps the backup */
  last: boolean
  onClose: () => void
  onReleased: () => void
}

/** Asks, with the reason in sight, before a hold is released. Mounted while it is open. */
export function ReleaseHold({ hold, last, onClose, onReleased }: Props) {
  const [text, setText] = useState('')
  return (
    <AlertDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={`Release the ${hold.kind} hold on ${hold.backup.name}?`}
      confirm="Release the hold"
      cancel="Keep the hold"
      reason={text.trim() === '' ? 'Say why it is released.' : null}
      onConfirm={async () => {
        await releaseHold(hold.id, { reason: text.trim() })
        say(`The ${hold.kind} hold on ${hold.backup.name} was released`)
        onReleased()
      }}
    >
      <p className="m-0 [overflow-wrap:anywhere]">
        {hold.placedName} placed it on {formatUtc(hold.placedAt)}: “{hold.reason}”.{' '}
        {last
          ? 'It is the last one: from now on the rules decide again how long the backup stays, and it may go with the next run.'
          : 'Other holds go on keeping the backup.'}
      </p>
      <div className="mt-3">
        <TextField label="Why is it released?" value={text} onChange={setText} maxLength={500} required />
      </div>
    </AlertDialog>
  )
}
