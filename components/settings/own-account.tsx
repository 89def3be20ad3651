'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { NewPasswordField, shortestPassword } from '#components/session/new-password-field.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { changePassword } from '#lib/client/mutations.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { MeView } from '#lib/domain/views.ts'
import { roleWords } from './role-words.ts'

/** Who you are here, and your password. */
export function OwnAccount({ me }: { me: MeView }) {
  usePageTitle('Your account · Settings')
  return (
    <div className="flex max-w-[860px] flex-col gap-[18px]">
      <Panel title="Your account">
        <Facts
          items={[
            { term: 'Name', value: me.name },
            { term: 'E-mail', value: me.email },
            { term: 'Role', value: `${me.role}: ${roleWords[me.role]}` },
            { term: 'Databases', value: me.databaseIds === null ? 'all' : formatCount(me.databaseIds.length, 'database') },
          ]}
        />
      </Panel>
      <ChangePassword />
    </div>
  )
}

function ChangePassword() {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const save = useStart(
    (_key) => changePassword({ current, next }),
    () => {
      setCurrent('')
      setNext('')
      say('Your password was changed', { detail: 'You stay signed in here. Everywhere else the new one is needed.' })
    },
  )
  const reason =
    current === ''
      ? 'Type your present password first.'
      : next.length < shortestPassword
        ? `The new password needs at least ${shortestPassword} characters.`
        : null
  return (
    <Panel title="Change your password" say="Every other session of yours ends.">
      <Form
        className="flex max-w-96 flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        <TextField
          label="Present password"
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          help="Forgotten? An admin can make you a link for a new one."
          required
        />
        <NewPasswordField label="New password" value={next} onChange={setNext} error={save.problem?.fields?.next ?? null} />
        <Refusal problem={save.problem} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" pending={save.pending} reason={reason}>
            Change the password
          </Button>
        </div>
      </Form>
    </Panel>
  )
}
