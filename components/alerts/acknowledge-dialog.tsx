'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { acknowledgeAlert } from '#lib/client/alerts.ts'
import type { AlertView } from '#lib/domain/watch-views.ts'
import { alertName } from './alert-words.ts'

/** Mounted while it is open. */
export function AcknowledgeDialog({ alert, onClose, onDone }: { alert: AlertView; onClose: () => void; onDone: () => void }) {
  const [note, setNote] = useState('')
  const act = useStart(
    (_key) => acknowledgeAlert(alert.id, { note: note.trim() }),
    () => {
      say('You have taken it on', { detail: 'Nobody else is called for it. It ends by itself once its check finds it well.' })
      onDone()
      onClose()
    },
  )
  const reason = note.trim() === '' ? 'Say what is being done about it.' : null
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={`Acknowledge: ${alertName(alert)}`}>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void act.start()
        }}
      >
        <p className="m-0 text-ink-2">
          You say that you have seen it and see to it: no further contact is called. It does not end it; it stays here until its check finds it well.
        </p>
        <TextField
          label="Note"
          value={note}
          onChange={setNote}
          error={act.problem?.fields?.note ?? null}
          required
          rows={3}
          maxLength={2000}
          autoFocus
          help="What you are doing about it. Everyone who sees the alert reads it, and the audit trail keeps it."
        />
        <Refusal problem={act.problem} />
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" reason={reason} pending={act.pending}>
            Acknowledge
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
