'use client'

import { useState, useSyncExternalStore } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { confirmPassword } from '#lib/client/mutations.ts'
import { answerPasswordQuestion, isPasswordAsked, watchPasswordQuestion } from '#lib/client/password-question.ts'

/** Stands in the shell and asks when an act needs the password again; the act itself goes on when it was right. */
export function PasswordQuestion() {
  const asked = useSyncExternalStore(watchPasswordQuestion, isPasswordAsked, () => false)
  return (
    <Dialog isOpen={asked} onOpenChange={(open) => !open && answerPasswordQuestion(false)} title="Type your password again">
      {asked && <Question />}
    </Dialog>
  )
}

function Question() {
  const [password, setPassword] = useState('')
  const check = useStart(
    (_key) => confirmPassword({ password }),
    () => answerPasswordQuestion(true),
  )
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (password !== '') void check.start()
      }}
    >
      <p className="m-0 text-ink-2">
        What you are about to do overwrites or removes something, and you signed in more than five minutes ago. Nothing has been changed yet.
      </p>
      <TextField label="Your password" type="password" value={password} onChange={setPassword} autoComplete="current-password" autoFocus required />
      <Refusal problem={check.problem} />
      <DialogActions>
        <Button onPress={() => answerPasswordQuestion(false)}>Do nothing</Button>
        <Button type="submit" variant="primary" pending={check.pending} reason={password === '' ? 'Type your password first.' : null}>
          Go on
        </Button>
      </DialogActions>
    </Form>
  )
}
