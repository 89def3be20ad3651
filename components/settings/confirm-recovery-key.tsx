'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { ApiError } from '#lib/client/api.ts'
import { confirmRecoveryKey } from '#lib/client/mutations.ts'
import { recoveryKeyQuery } from '#lib/client/queries.ts'

/** `shown`: the sheet is on this page now. */
export function ConfirmRecoveryKey({ shown, onConfirmed }: { shown: boolean; onConfirmed: () => void }) {
  const queryClient = useQueryClient()
  const [code, setCode] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const typed = code.trim().toLowerCase()

  async function confirm() {
    if (pending) return
    setPending(true)
    setError(null)
    try {
      const saved = await confirmRecoveryKey({ code: typed })
      queryClient.setQueryData(recoveryKeyQuery().queryKey, saved)
      void queryClient.invalidateQueries({ queryKey: ['overview'] })
      say('The recovery key is confirmed as saved')
      onConfirmed()
    } catch (problem) {
      setError(problem instanceof ApiError ? `${problem.problem.title} ${problem.problem.remedy}` : String(problem))
    } finally {
      setPending(false)
    }
  }

  return (
    <Panel
      title="Confirm that the sheet is saved"
      say={
        shown
          ? 'Take the printed sheet and type its check code from there.'
          : 'Type the check code from the printed sheet. If the sheet is lost, make a new key.'
      }
    >
      <Form
        className="flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          void confirm()
        }}
      >
        <TextField
          label="Check code"
          value={code}
          onChange={setCode}
          mono
          maxLength={12}
          autoComplete="off"
          help="Eight characters, 0-9 and a-f."
          error={error}
          className="w-64"
        />
        <div className="pt-[23px]">
          <Button
            type="submit"
            variant="primary"
            pending={pending}
            reason={/^[0-9a-f]{8}$/.test(typed) ? null : 'Type the eight characters of the check code first.'}
          >
            Confirm the recovery key
          </Button>
        </div>
      </Form>
    </Panel>
  )
}
