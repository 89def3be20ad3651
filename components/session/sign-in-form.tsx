'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { Button } from '#components/ui/button.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { ApiError, type Problem } from '#lib/client/api.ts'
import { signIn } from '#lib/client/mutations.ts'

/** `to`: a path of this console. A full load follows, so that nothing of an earlier session stays in memory. */
export function SignInForm({ to }: { to: string }) {
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  async function send(form: FormData) {
    if (pending) return
    setPending(true)
    setProblem(null)
    try {
      await signIn({ email: String(form.get('email') ?? '').trim(), password: String(form.get('password') ?? '') })
      window.location.assign(to)
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
      <TextField label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
      <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
      <Refusal problem={problem} />
      <Button type="submit" variant="primary" pending={pending}>
        Sign in
      </Button>
    </Form>
  )
}
