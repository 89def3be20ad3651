'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { Button } from '#components/ui/button.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { ApiError, type Problem } from '#lib/client/api.ts'
import { setUp } from '#lib/client/mutations.ts'
import { NewPasswordField, shortestPassword } from './new-password-field.tsx'

/** Makes the account of a one-time link and signs in. An invitation fixes the address. */
export function SetUpForm({ token, email }: { token: string; email: string | null }) {
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [password, setPassword] = useState('')
  async function send(form: FormData) {
    if (pending) return
    setPending(true)
    setProblem(null)
    try {
      const text = (name: string) => String(form.get(name) ?? '').trim()
      await setUp({ token, name: text('name'), password, ...(email === null ? { email: text('email') } : {}) })
      window.location.assign('/')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.problem)
      setPending(false)
    }
  }
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void send(new FormData(event.currentTarget))
      }}
    >
      {email === null ? (
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus error={problem?.fields?.email ?? null} />
      ) : (
        <TextField label="E-mail" name="email" type="email" defaultValue={email} readOnly autoComplete="username" help="As you were invited." />
      )}
      <TextField label="Name" name="name" autoComplete="name" required error={problem?.fields?.name ?? null} />
      <NewPasswordField label="Password" value={password} onChange={setPassword} error={problem?.fields?.password ?? null} />
      <Refusal problem={problem} />
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        reason={password.length < shortestPassword ? `The password needs at least ${shortestPassword} characters.` : null}
      >
        {email === null ? 'Make the first account' : 'Make my account'}
      </Button>
    </Form>
  )
}
