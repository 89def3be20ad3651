'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { setRetentionSettings } from '#lib/client/keeping.ts'
import type { RetentionView } from '#lib/domain/keeping-views.ts'

type Settings = RetentionView['settings']
type Key = keyof Settings

const fields = {
  deletionsPerRun: { label: 'Copies deleted in one run, at most', help: 'What is over waits for the next run.' },
  shrinkDelayHours: { label: 'Hours before a shorter rule acts', help: 'Until then it can be withdrawn, and nothing goes by it.' },
  safetyDays: { label: 'Days that safety backups stay', help: 'Taken before a restore; longer where it can still be undone.' },
  unlookedDays: { label: 'Days before an unverified or suspicious backup may go', help: 'Sooner only after a person looked at it.' },
} satisfies Record<Key, { label: string; help: string }>
const keys = Object.keys(fields) as Key[]

/** The bounds of deleting by rule. Mounted while it is open. */
export function ChangeLimits({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const [typed, setTyped] = useState<Record<Key, string>>(
    () => Object.fromEntries(keys.map((key) => [key, String(settings[key])])) as Record<Key, string>,
  )
  const wrong = (key: Key) => (/^\d{1,6}$/.test(typed[key].trim()) ? null : 'A whole number.')
  const changed = keys.filter((key) => Number(typed[key]) !== settings[key])
  const reason = keys.some((key) => wrong(key) !== null) ? 'Mend the numbers first.' : changed.length === 0 ? 'Nothing was changed yet.' : null
  const save = useStart(
    (_key) => setRetentionSettings(Object.fromEntries(keys.map((key) => [key, Number(typed[key])]))),
    () => {
      say('The limits of deleting were changed')
      onClose()
    },
  )
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title="Change the limits of deleting">
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        {keys.map((key) => (
          <TextField
            key={key}
            label={fields[key].label}
            help={fields[key].help}
            value={typed[key]}
            onChange={(value) => setTyped((before) => ({ ...before, [key]: value }))}
            error={wrong(key) ?? save.problem?.fields?.[key] ?? null}
            inputMode="numeric"
          />
        ))}
        <Refusal problem={save.problem} />
        <DialogActions>
          <Button onPress={onClose}>Close</Button>
          <Button type="submit" variant="primary" reason={reason} pending={save.pending}>
            Change the limits
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
