'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { addDuty } from '#lib/client/keeping.ts'
import { type KeepUnit, keepUnits, type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'

/** A duty: of which databases, which backups, for how long, and what it rests on. Mounted while it is open. */
export function AddDuty({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [tag, setTag] = useState('')
  const [tier, setTier] = useState<ScheduledTier>('monthly')
  const [count, setCount] = useState('7')
  const [unit, setUnit] = useState<KeepUnit>('years')
  const [reference, setReference] = useState('')
  const refresh = useRefresh()
  const number = Number(count)
  const wrongCount = Number.isInteger(number) && number >= 1 && number <= 1000 ? null : 'A whole number from 1 to 1000.'
  const reason = name.trim() === '' ? 'Give it a name.' : tag.trim() === '' ? 'Say which tag its databases have.' : wrongCount
  const save = useStart(
    (_key) => addDuty({ name: name.trim(), tag: tag.trim(), tier, keep: { unit, count: number }, reference: reference.trim() }),
    () => {
      say(`The duty ${name.trim()} holds`)
      refresh()
      onClose()
    },
  )
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title="Add a duty">
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          error={save.problem?.fields?.name ?? null}
          autoFocus
          help="How it is called, for instance SOX."
        />
        <TextField
          label="Tag of its databases"
          value={tag}
          onChange={setTag}
          mono
          error={save.problem?.fields?.tag ?? null}
          help="It holds for each database with this tag."
        />
        <div className="grid gap-4 sm:grid-cols-3">
          <Select label="Backups" value={tier} onChange={setTier} options={scheduledTiers.map((one) => ({ value: one, label: one }))} />
          <TextField label="Kept for" value={count} onChange={setCount} inputMode="numeric" error={wrongCount} />
          <Select label="Unit" value={unit} onChange={setUnit} options={keepUnits.map((one) => ({ value: one, label: one }))} />
        </div>
        <TextField label="What it rests on" value={reference} onChange={setReference} optional help="A law, a contract, a clause." />
        <Refusal problem={save.problem} />
        <DialogActions>
          <Button onPress={onClose}>Close</Button>
          <Button type="submit" variant="primary" reason={reason} pending={save.pending}>
            Add the duty
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
