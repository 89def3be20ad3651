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
import { lookAtBackup } from '#lib/client/storing.ts'
import type { LookVerdict } from '#lib/domain/states.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupView } from '#lib/domain/views.ts'

interface Props {
  backup: BackupView
  onClose: () => void
  onLooked: () => void
}

/** What a person says of a suspicious backup, with what made it so in sight. Mounted while it is open. */
export function LookDialog({ backup, onClose, onLooked }: Props) {
  const [verdict, setVerdict] = useState<LookVerdict | null>(backup.look?.verdict ?? null)
  const [note, setNote] = useState(backup.look?.note ?? '')
  const save = useStart(
    (_key, chosen: LookVerdict) => lookAtBackup(backup.id, { verdict: chosen, note: note.trim() === '' ? null : note.trim() }),
    (answer) => {
      say(`${backup.name} was found ${answer.verdict}`)
      onLooked()
      onClose()
    },
  )
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={`Is ${backup.name} what it should be?`}>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (verdict !== null) void save.start(verdict)
        }}
      >
        <div>
          <p className="m-0 font-[550] [overflow-wrap:anywhere]">{backup.suspicious}</p>
          <p className="m-0 text-ink-2">
            It contains {formatCount(backup.tables, 'table')}, {formatCount(backup.rows, 'row')}, {formatBytes(backup.rawBytes)}. Tables may have been
            dropped on purpose; they may also be gone.
          </p>
        </div>
        <RadioCards
          label="What is it?"
          value={verdict}
          onChange={setVerdict}
          options={[
            {
              value: 'fine',
              title: 'Fine',
              detail: 'The database was meant to be so. It counts as any other, and the next one is measured against it',
            },
            { value: 'bad', title: 'Bad', detail: 'Something went wrong. It never counts, and older good ones stay in its place' },
          ]}
        />
        <TextField label="Note" value={note} onChange={setNote} optional rows={2} maxLength={1000} help="For whoever reads this later." />
        <Refusal problem={save.problem} />
        <DialogActions>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" reason={verdict === null ? 'Choose what it is first.' : null} pending={save.pending}>
            {verdict === 'bad' ? 'Call it bad' : 'Call it fine'}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
