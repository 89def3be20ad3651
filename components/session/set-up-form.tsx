'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { Button } from '#components/ui/button.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { ApiError, type Problem } from '#lib/client/api.ts'
import { setUp } from '#lib/client/mutations.ts'

const shortest = 12

/** Makes the account of a one-time link and signs in. An invitation fixes the address. */
export function SetUpForm({ token, email }: { token: string; email: string | null }) {
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [password, setPassword] = useState('')
  const tooShort = password.length > 0 && password.length < shortest
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
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        required
        value={password}
        onChange={setPassword}
        help={`At least ${shortest} characters. A few words that only you would put together are good.`}
        error={tooShort ? `${shortest - password.length} more characters` : (problem?.fields?.password ?? null)}
      />
      <Refusal problem={problem} />
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        reason={password.length < shortest ? `The password needs at least ${shortest} characters.` : null}
      >
        {email === null ? 'Make the first account' : 'Make my account'}
      </Button>
    </Form>
  )
}
