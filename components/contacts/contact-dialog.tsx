'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { addContact, changeContact } from '#lib/client/telling.ts'
import { escalationLevels, levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView } from '#lib/domain/watch-views.ts'

/** `contact` null: a new one. Mounted while it is open. */
export function ContactDialog({ contact, onClose }: { contact: ContactView | null; onClose: () => void }) {
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={contact === null ? 'Add a contact' : `Change ${contact.name}`}>
      <ContactForm contact={contact} onClose={onClose} />
    </Dialog>
  )
}

function ContactForm({ contact, onClose }: { contact: ContactView | null; onClose: () => void }) {
  const [level, setLevel] = useState(contact?.level ?? 'dba')
  const [name, setName] = useState(contact?.name ?? '')
  const [phone, setPhone] = useState(contact?.phone ?? '')
  const [email, setEmail] = useState(contact?.email ?? '')
  const [note, setNote] = useState(contact?.note ?? '')
  const refresh = useRefresh()
  const body = {
    level,
    name: name.trim(),
    phone: phone.trim() === '' ? null : phone.trim(),
    email: email.trim() === '' ? null : email.trim(),
    note: note.trim(),
    position: contact?.position ?? 0,
  }
  const reason = body.name === '' ? 'Give a name.' : body.phone === null && body.email === null ? 'Give a phone number or an e-mail address.' : null
  const save = useStart(
    async (_key) => {
      if (contact === null) await addContact(body)
      else await changeContact(contact.id, body)
    },
    () => {
      say(contact === null ? `${body.name} was added` : `${body.name} was changed`, { detail: 'Print the emergency sheet anew.' })
      refresh()
      onClose()
    },
  )
  const fault = (field: string) => save.problem?.fields?.[field] ?? null
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) void save.start()
      }}
    >
      <Select
        label="Level"
        value={level}
        onChange={setLevel}
        options={escalationLevels.map((value) => ({ value, label: levelTitles[value] }))}
        help="Levels are told one after the other."
      />
      <TextField label="Name" value={name} onChange={setName} error={fault('name')} required maxLength={120} autoComplete="off" />
      <TextField
        label="Phone"
        value={phone}
        onChange={setPhone}
        error={fault('phone')}
        placeholder="+49 30 1234567"
        autoComplete="off"
        help="For the printed sheet: it works when nothing else does."
      />
      <TextField label="E-mail" value={email} onChange={setEmail} error={fault('email')} mono optional autoComplete="off" />
      <TextField
        label="Note"
        value={note}
        onChange={setNote}
        error={fault('note')}
        optional
        rows={2}
        placeholder="Contract number, hours, who stands in"
      />
      <Refusal problem={save.problem} />
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" reason={reason} pending={save.pending}>
          {contact === null ? 'Add the contact' : 'Save the changes'}
        </Button>
      </DialogActions>
    </Form>
  )
}
