'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { DialogActions } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say, sayProblem } from '#components/ui/toaster.tsx'
import { changeStorage, type StorageKeeping } from '#lib/client/mutations.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { keepingOf, keepingFieldsOf, type KeepingFields, keepingProblems } from './keeping-fields.ts'
import { KeepingFieldset } from './keeping-fieldset.tsx'

/** Name, budget, where it lies and how it keeps, and, for a bucket, new credentials. `onDone` gets the id of the check that new credentials start. */
export function ChangeStorage({ storage, onDone }: { storage: StorageView; onDone: (checkId: string | null) => void }) {
  const router = useRouter()
  const queryClient = useQueryClient()
  const budgetBefore = storage.budgetBytes === null ? '' : String(storage.budgetBytes / 1e9)
  const [name, setName] = useState(storage.name)
  const [budget, setBudget] = useState(budgetBefore)
  const [keeping, setKeeping] = useState<KeepingFields>(() => keepingFieldsOf(storage))
  const [accessKeyId, setAccessKeyId] = useState('')
  const [secretAccessKey, setSecretAccessKey] = useState('')

  const wrongBudget = budget !== '' && !(Number(budget) > 0) ? 'A number of GB above 0, or nothing.' : null
  const half = (accessKeyId === '') !== (secretAccessKey === '')
  const problems = keepingProblems(keeping)
  const wrongKeeping = Object.values(problems)[0] ?? null
  const kept = keepingOf(keeping)
  const keepingChanged = JSON.stringify(kept) !== JSON.stringify(keepingOf(keepingFieldsOf(storage)))
  const changed = name.trim() !== storage.name || budget !== budgetBefore || accessKeyId !== '' || keepingChanged
  const reason =
    name.trim() === ''
      ? 'Give it a name.'
      : (wrongBudget ?? wrongKeeping ?? (half ? 'Give the access key and its secret together.' : changed ? null : 'Nothing was changed yet.'))

  const save = useStart(
    (_key) =>
      changeStorage(storage.id, {
        ...(name.trim() === storage.name ? {} : { name: name.trim() }),
        ...(budget === budgetBefore ? {} : { budgetBytes: budget === '' ? null : Math.round(Number(budget) * 1e9) }),
        ...changesOf(kept, keepingOf(keepingFieldsOf(storage))),
        ...(accessKeyId === '' ? {} : { accessKeyId: accessKeyId.trim(), secretAccessKey }),
      }),
    ({ operationId, findings }) => {
      void queryClient.invalidateQueries({ queryKey: ['storages'] })
      router.refresh()
      say(`${name.trim()} was changed`, operationId === null ? {} : { detail: 'The new credentials are being tried.' })
      for (const one of findings) sayProblem(one.message, one.remedy)
      onDone(operationId)
    },
  )

  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) void save.start()
      }}
    >
      <TextField label="Name in Lifeboat" value={name} onChange={setName} required error={save.problem?.fields?.name ?? null} />
      <TextField
        label="Budget in GB"
        value={budget}
        onChange={setBudget}
        error={wrongBudget}
        optional
        inputMode="numeric"
        className="max-w-48"
        help="What its use is measured against. Nothing is stopped or deleted at it."
      />
      <KeepingFieldset
        kind={storage.kind}
        fields={keeping}
        problems={problems}
        onChange={(part) => setKeeping((before) => ({ ...before, ...part }))}
      />
      {storage.kind === 's3' && (
        <fieldset className="m-0 grid gap-4 border-0 p-0 sm:grid-cols-2">
          <legend className="mb-1 p-0 font-semibold">New credentials</legend>
          <TextField label="Access key" value={accessKeyId} onChange={setAccessKeyId} mono optional autoComplete="off" />
          <TextField label="Secret key" type="password" value={secretAccessKey} onChange={setSecretAccessKey} optional autoComplete="new-password" />
          <p className="m-0 text-sm text-ink-2 sm:col-span-2">Leave both empty to keep the present ones. New ones are tried at once.</p>
        </fieldset>
      )}
      <p className="m-0 text-ink-2">The place itself, {storage.place}, does not change: another place is another storage, which you add beside it.</p>
      <Refusal problem={save.problem} />
      <DialogActions>
        <Button onPress={() => onDone(null)}>Close</Button>
        <Button type="submit" variant="primary" pending={save.pending} reason={reason}>
          Change the storage
        </Button>
      </DialogActions>
    </Form>
  )
}

/** What differs; mode and days of a lock go together. */
function changesOf(next: StorageKeeping, before: StorageKeeping): Partial<StorageKeeping> {
  const { lockMode, lockDays, region, agreement, medium } = next
  return {
    ...(region === before.region ? {} : { region }),
    ...(agreement === before.agreement ? {} : { agreement }),
    ...(medium === before.medium ? {} : { medium }),
    ...(lockMode === before.lockMode && lockDays === before.lockDays ? {} : { lockMode, lockDays }),
  }
}
