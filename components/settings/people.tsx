'use client'

import { useQuery } from '@tanstack/react-query'
import { UserRoundCog, UserRoundPlus } from 'lucide-react'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { Time } from '#components/ui/time.tsx'
import { ApiError, type Problem } from '#lib/client/api.ts'
import { inviteUser } from '#lib/client/mutations.ts'
import { usersQuery } from '#lib/client/queries.ts'
import { reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { UserView } from '#lib/domain/views.ts'
import { Approvals } from './approvals.tsx'
import { ChangePerson } from './change-person.tsx'
import { roleWords } from './role-words.ts'

export function People({ people, role, me }: { people: UserView[] | null; role: Role; me: string }) {
  usePageTitle('People · Settings')
  if (people === null || role !== 'admin') {
    return (
      <Panel flush>
        <EmptyState title="Only admins see the people">
          {reasonDenied('people.manage')} Ask one of them to invite somebody or to change a role.
        </EmptyState>
      </Panel>
    )
  }
  return <PeopleList people={people} me={me} />
}

function PeopleList({ people: first, me }: { people: UserView[]; me: string }) {
  const { data: people } = useQuery({ ...usersQuery(), initialData: first })
  const [inviting, setInviting] = useState(false)
  const [changing, setChanging] = useState<UserView | null>(null)
  const columns: Column<UserView>[] = [
    {
      id: 'name',
      header: 'Person',
      primary: true,
      cell: (row) => (
        <>
          <span className="font-semibold">
            {row.name}
            {row.id === me && <span className="font-normal text-ink-3"> (you)</span>}
          </span>
          <div className="text-ink-2 [overflow-wrap:anywhere]">{row.email}</div>
        </>
      ),
    },
    {
      id: 'role',
      header: 'Role',
      cell: (row) => (
        <>
          {row.role}
          <div className="text-sm text-ink-2">{roleWords[row.role]}</div>
        </>
      ),
    },
    { id: 'databases', header: 'Databases', cell: (row) => (row.databaseIds === null ? 'all' : formatCount(row.databaseIds.length, 'database')) },
    { id: 'since', header: 'Joined', cell: (row) => <Time at={row.createdAt} /> },
    {
      id: 'change',
      header: <span className="sr-only">Change</span>,
      bare: true,
      cell: (row) => (
        <Button
          size="small"
          icon={<UserRoundCog aria-hidden />}
          label={`Change ${row.name}`}
          reason={row.id === me ? 'Another admin changes your own role.' : null}
          onPress={() => setChanging(row)}
        >
          Change
        </Button>
      ),
    },
  ]
  return (
    <>
      <Panel
        title={formatCount(people.length, 'person has an account', 'people have an account')}
        aside={
          <Button size="small" icon={<UserRoundPlus aria-hidden />} onPress={() => setInviting(true)}>
            Invite a person
          </Button>
        }
        flush
      >
        <DataTable caption="People" columns={columns} rows={people} rowKey={(row) => row.id} />
      </Panel>
      <div className="mt-[18px]">
        <Approvals admins={people.filter((one) => one.role === 'admin').length} />
      </div>
      <Dialog isOpen={inviting} onOpenChange={setInviting} title="Invite a person">
        <Invite onDone={() => setInviting(false)} />
      </Dialog>
      <Dialog isOpen={changing !== null} onOpenChange={(open) => open || setChanging(null)} title={`Change ${changing?.name ?? ''}`}>
        {changing && <ChangePerson person={changing} onDone={() => setChanging(null)} />}
      </Dialog>
    </>
  )
}

function Invite({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [link, setLink] = useState<{ url: string; expiresAt: string } | null>(null)

  async function invite() {
    if (pending) return
    setPending(true)
    setProblem(null)
    try {
      const made = await inviteUser({ email: email.trim(), role })
      setLink({ url: window.location.origin + made.path, expiresAt: made.expiresAt })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.problem)
    } finally {
      setPending(false)
    }
  }

  if (link) {
    return (
      <>
        <p className="m-0" role="status">
          Hand this link to {email.trim()} yourself; Lifeboat sends nothing. It works once, until <Time at={link.expiresAt} as="utc" />, and is not
          shown again.
        </p>
        <CopyLine text={link.url} what="the link" />
        <DialogActions>
          <Button variant="primary" onPress={onDone}>
            Done
          </Button>
        </DialogActions>
      </>
    )
  }
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void invite()
      }}
    >
      <TextField
        label="E-mail"
        type="email"
        value={email}
        onChange={setEmail}
        required
        autoFocus
        autoComplete="off"
        error={problem?.fields?.email ?? null}
      />
      <Select
        label="Role"
        value={role}
        onChange={setRole}
        options={(['viewer', 'operator', 'admin'] as const).map((value) => ({ value, label: value, detail: roleWords[value] }))}
      />
      <Refusal problem={problem} />
      <DialogActions>
        <Button onPress={onDone}>Close</Button>
        <Button type="submit" variant="primary" pending={pending} reason={/\S+@\S+/.test(email) ? null : 'Type the person’s address first.'}>
          Make the invitation link
        </Button>
      </DialogActions>
    </Form>
  )
}
