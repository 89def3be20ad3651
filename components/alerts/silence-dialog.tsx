'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { silenceAlert } from '#lib/client/alerts.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { AlertView } from '#lib/domain/watch-views.ts'
import { alertName } from './alert-words.ts'

/** In minutes; nothing is silenced without an end. */
const times = {
  '30': '30 minutes',
  '60': '1 hour',
  '240': '4 hours',
  '480': '8 hours',
  '1440': '1 day',
  '4320': '3 days',
  '10080': '7 days',
} as const
type Minutes = keyof typeof times

/** Mounted while it is open. */
export function SilenceDialog({ alert, onClose, onDone }: { alert: AlertView; onClose: () => void; onDone: () => void }) {
  const [minutes, setMinutes] = useState<Minutes>('60')
  const [text, setText] = useState('')
  const until = formatUtc(new Date(useNow() + Number(minutes) * 60_000))
  const act = useStart(
    (_key) => silenceAlert(alert.id, { minutes: Number(minutes), reason: text.trim() }),
    () => {
      say(`It is silenced for ${times[minutes]}`)
      onDone()
      onClose()
    },
  )
  const reason = text.trim() === '' ? 'Say why it is silenced.' : null
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={`Silence: ${alertName(alert)}`}>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void act.start()
        }}
      >
        <p className="m-0 text-ink-2">
          Until then no channel is told of it and nobody is called. It stays in the list, and its check goes on. Whatever else goes wrong is told as
          ever.
        </p>
        <Select
          label="For"
          value={minutes}
          onChange={setMinutes}
          options={(['30', '60', '240', '480', '1440', '4320', '10080'] as const).map((value) => ({ value, label: times[value] }))}
          help={`Until ${until}.`}
        />
        <TextField
          label="Reason"
          value={text}
          onChange={setText}
          error={act.problem?.fields?.reason ?? null}
          required
          rows={2}
          maxLength={2000}
          help="For instance a window of maintenance. Kept in the audit trail."
        />
        <Refusal problem={act.problem} />
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" reason={reason} pending={act.pending}>
            Silence it
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
