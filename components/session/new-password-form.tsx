'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { setUp } from '#lib/client/mutations.ts'
import { NewPasswordField, shortestPassword } from './new-password-field.tsx'

/** Gives the account of a one-time link a new password and signs in. A full load follows, so that nothing of an earlier session stays. */
export function NewPasswordForm({ token, email }: { token: string; email: string }) {
  const [password, setPassword] = useState('')
  const save = useStart(
    (_key) => setUp({ token, password }),
    () => window.location.assign('/'),
  )
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void save.start()
      }}
    >
      <TextField label="E-mail" name="email" type="email" defaultValue={email} readOnly autoComplete="username" />
      <NewPasswordField label="New password" value={password} onChange={setPassword} error={save.problem?.fields?.password ?? null} />
      <Refusal problem={save.problem} />
      <Button
        type="submit"
        variant="primary"
        pending={save.pending}
        reason={password.length < shortestPassword ? `The password needs at least ${shortestPassword} characters.` : null}
      >
        Save the password and sign in
      </Button>
    </Form>
  )
}
