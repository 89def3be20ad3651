'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { FileKey } from 'lucide-react'
import { useState } from 'react'
import { FileTrigger, Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { ApiError, type Problem } from '#lib/client/api.ts'
import { addCaCertificate } from '#lib/client/mutations.ts'
import { caCertificatesQuery } from '#lib/client/queries.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { CaCertificateView } from '#lib/domain/views.ts'

const columns: Column<CaCertificateView>[] = [
  { id: 'name', header: 'Name', primary: true, cell: (row) => <span className="font-semibold">{row.name}</span> },
  { id: 'added', header: 'Added', cell: (row) => <Time at={row.createdAt} /> },
]

/** Certificates that connections are verified against, where a server's is not signed by a public authority. */
export function CaFiles({ certificates: first, role }: { certificates: CaCertificateView[]; role: Role }) {
  const { data: certificates } = useQuery({ ...caCertificatesQuery(), initialData: first })
  usePageTitle('CA files · Settings')
  return (
    <div className="flex max-w-[860px] flex-col gap-[18px]">
      <Panel title="CA files" say="Outside this machine, connections are verified in full: certificate and host name." flush>
        {certificates.length === 0 ? (
          <EmptyState icon={FileKey} title="No CA file yet">
            Servers whose certificate is signed by a public authority need none. For your own authority or a hosted database’s, add its certificate
            below, then choose it where the database is registered.
          </EmptyState>
        ) : (
          <DataTable caption="CA files" columns={columns} rows={certificates} rowKey={(row) => row.id} keep />
        )}
      </Panel>
      <AddCaFile role={role} />
    </div>
  )
}

function AddCaFile({ role }: { role: Role }) {
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const [pem, setPem] = useState('')
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const reason = !allows(role, 'database.write')
    ? reasonDenied('database.write')
    : pem.trim() === '' || name.trim() === ''
      ? 'Choose a file or paste the certificate, and give it a name.'
      : null

  async function add() {
    if (pending || reason) return
    setPending(true)
    setProblem(null)
    try {
      await addCaCertificate({ name: name.trim(), pem })
      await queryClient.invalidateQueries({ queryKey: ['ca-certificates'] })
      say(`${name.trim()} can be chosen for databases now`)
      setName('')
      setPem('')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.problem)
    } finally {
      setPending(false)
    }
  }

  return (
    <Panel title="Add a CA file">
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          help="As it is offered where a database is registered."
          error={problem?.fields?.name ?? null}
          className="max-w-80"
        />
        <TextField
          label="Certificate"
          value={pem}
          onChange={setPem}
          rows={6}
          mono
          placeholder="-----BEGIN CERTIFICATE-----"
          help="PEM, one or several certificates, never a private key."
          error={problem?.fields?.pem ?? null}
        />
        <Refusal problem={problem} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" pending={pending} reason={reason}>
            Add the CA file
          </Button>
          <FileTrigger
            acceptedFileTypes={['.pem', '.crt', '.cer']}
            onSelect={(files) => {
              const file = files?.[0]
              if (!file) return
              if (name === '') setName(file.name.replace(/\.(pem|crt|cer)$/i, ''))
              void file.text().then(setPem)
            }}
          >
            <Button>Choose a file</Button>
          </FileTrigger>
        </div>
      </Form>
    </Panel>
  )
}
