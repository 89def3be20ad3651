'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { type HoldKind, placeHold } from '#lib/client/storing.ts'

interface Props {
  backup: { id: string; name: string }
  onClose: () => void
  onPlaced: () => void
}

/** Mounted while it is open. */
export function PlaceHold({ backup, onClose, onPlaced }: Props) {
  const [kind, setKind] = useState<HoldKind>('manual')
  const [text, setText] = useState('')
  const place = useStart(
    (_key) => placeHold(backup.id, { kind, reason: text.trim() }),
    () => {
      say(`${backup.name} is held`, { detail: 'It is also written beside each copy, so that it outlives the catalogue.' })
      onPlaced()
      onClose()
    },
  )
  const reason = text.trim() === '' ? 'Say why it is held.' : null
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={`Place a hold on ${backup.name}`}>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void place.start()
        }}
      >
        <RadioCards
          label="Kind"
          columns={2}
          value={kind}
          onChange={setKind}
          options={[
            { value: 'manual', title: 'Manual', detail: 'Kept because somebody wants it' },
            { value: 'legal', title: 'Legal', detail: 'Kept because a case or an order demands it' },
          ]}
        />
        <TextField
          label="Reason"
          value={text}
          onChange={setText}
          error={place.problem?.fields?.reason ?? null}
          required
          rows={3}
          maxLength={500}
          help="Shown to everyone who sees this backup, and kept in the audit trail."
        />
        <Refusal problem={place.problem} />
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" reason={reason} pending={place.pending}>
            Place the hold
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
