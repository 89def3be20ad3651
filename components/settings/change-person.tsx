'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { DialogActions } from '#components/ui/dialog.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { say } from '#components/ui/toaster.tsx'
import { changeUser } from '#lib/client/mutations.ts'
import { databasesQuery } from '#lib/client/queries.ts'
import { type Role, roles } from '#lib/domain/permissions.ts'
import type { UserView } from '#lib/domain/views.ts'
import { PersonAccess } from './person-access.tsx'
import { roleWords } from './role-words.ts'

/** A person's role, and the databases that they see. */
export function ChangePerson({ person, onDone }: { person: UserView; onDone: () => void }) {
  const queryClient = useQueryClient()
  const { data: databases } = useQuery(databasesQuery())
  const [role, setRole] = useState<Role>(person.role)
  const [limited, setLimited] = useState(person.databaseIds !== null)
  const [chosen, setChosen] = useState<string[]>(person.databaseIds ?? [])
  const seen = limited ? chosen : null
  const changed = role !== person.role || sorted(seen) !== sorted(person.databaseIds)
  const reason = limited && chosen.length === 0 ? 'Choose at least one database, or all.' : changed ? null : 'Nothing was changed yet.'

  const change = useStart(
    (_key) => changeUser(person.id, { role, databaseIds: seen }),
    () => {
      void queryClient.invalidateQueries({ queryKey: ['users'] })
      say(`${person.name} was changed and signs in anew`)
      onDone()
    },
  )

  return (
    <>
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void change.start()
        }}
      >
        <RadioCards
          label="Role"
          value={role}
          onChange={setRole}
          options={roles.map((value) => ({ value, title: value, detail: roleWords[value] }))}
        />
        <fieldset className="m-0 flex flex-col gap-2 border-0 p-0">
          <legend className="mb-1 p-0 font-semibold">Databases</legend>
          <Checkbox checked={!limited} onChange={(all) => setLimited(!all)}>
            All, also those registered later
          </Checkbox>
          {limited &&
            databases?.map((one) => (
              <Checkbox
                key={one.id}
                className="ml-6"
                checked={chosen.includes(one.id)}
                onChange={(checked) => setChosen((before) => (checked ? [...before, one.id] : before.filter((id) => id !== one.id)))}
              >
                <span className="[overflow-wrap:anywhere]">{one.name}</span>
              </Checkbox>
            ))}
        </fieldset>
        <p className="m-0 text-ink-2">A change ends the person’s sessions; they sign in again.</p>
        <Refusal problem={change.problem} />
        <DialogActions>
          <Button onPress={onDone}>Close</Button>
          <Button type="submit" variant="primary" pending={change.pending} reason={reason}>
            Change {person.name}
          </Button>
        </DialogActions>
      </Form>
      <PersonAccess person={person} onDone={onDone} />
    </>
  )
}

const sorted = (ids: string[] | null) => (ids === null ? 'all' : ids.toSorted((a, b) => a.localeCompare(b)).join(' '))
