'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { standardPlanWords } from '#components/schedules/standard-plan-words.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { addDatabase, testDatabase } from '#lib/client/mutations.ts'
import type { CaCertificateView } from '#lib/domain/views.ts'
import { CaField } from './ca-field.tsx'
import { type DatabaseFields, connectionOf, emptyFields, fillFromUrl, problemsOf, requestOf } from './database-fields.ts'
import { PlacingFields } from './placing-fields.tsx'

/** Paste a URL, test it, look at what the test found, save. `regions`: those that storages name. */
export function DatabaseForm({ authorities, regions }: { authorities: CaCertificateView[]; regions: string[] }) {
  const router = useRouter()
  const [fields, setFields] = useState<DatabaseFields>(emptyFields)
  const [url, setUrl] = useState('')
  const [urlProblem, setUrlProblem] = useState<string | null>(null)
  const [shown, setShown] = useState(false)
  /** the test, and the very values that it was made for */
  const [tested, setTested] = useState<{ operationId: string; values: string; ended: boolean; good: boolean } | null>(null)

  const problems = problemsOf(fields)
  const faults = Object.values(problems)
  const values = JSON.stringify(connectionOf(fields))
  const current = tested?.values === values ? tested : null
  const set = (key: keyof DatabaseFields) => (value: string) => setFields((before) => ({ ...before, [key]: value }))
  const fault = (key: keyof DatabaseFields) => (shown ? (problems[key] ?? null) : null)

  const test = useStart(
    (_key) => {
      return testDatabase(connectionOf(fields))
    },
    ({ operationId }) => setTested({ operationId, values, ended: false, good: false }),
  )
  const save = useStart(
    (_key) => addDatabase(requestOf(fields)),
    ({ id }) => router.push(`/databases/${id}`),
  )

  function paste(text: string) {
    setUrl(text)
    if (text.trim() === '') return setUrlProblem(null)
    const filled = fillFromUrl(fields, text)
    setUrlProblem(filled.problem)
    if (filled.problem !== null) return
    setFields(filled.fields)
    // the password leaves the visible field as soon as it is in the hidden one
    setUrl('')
  }

  function runTest() {
    setShown(true)
    if (Object.keys(problems).some((key) => key !== 'name')) return
    void test.start()
  }

  const saveReason =
    faults.length > 0
      ? `Fill in the form first: ${faults[0]}`
      : current === null
        ? 'Test the connection first: nothing is saved that was not tried.'
        : current.ended
          ? null
          : 'The test has not ended yet.'

  return (
    <form
      className="flex max-w-[860px] flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        runTest()
      }}
    >
      <Panel title="Paste the connection URL" say="It fills the fields below. Nothing is sent yet.">
        <TextField
          label="Connection URL"
          placeholder="postgresql://user:password@host:5432/database"
          value={url}
          onChange={paste}
          error={urlProblem}
          mono
          autoComplete="off"
          autoFocus
          help="The password moves into its own field and is stored sealed: only workers can open it."
        />
      </Panel>
      <Panel title="The database">
        <div className="grid gap-4 sm:grid-cols-6">
          <TextField
            label="Name in Lifeboat"
            value={fields.name}
            onChange={set('name')}
            error={fault('name')}
            required
            className="sm:col-span-3"
            help="How lists and commands call it."
          />
          <TextField
            label="Database"
            value={fields.dbname}
            onChange={set('dbname')}
            error={fault('dbname')}
            required
            mono
            className="sm:col-span-3"
            help="Its name on the server."
          />
          <TextField label="Host" value={fields.host} onChange={set('host')} error={fault('host')} required mono className="sm:col-span-4" />
          <TextField
            label="Port"
            value={fields.port}
            onChange={set('port')}
            error={fault('port')}
            required
            mono
            inputMode="numeric"
            className="sm:col-span-2"
          />
          <TextField
            label="User"
            value={fields.username}
            onChange={set('username')}
            error={fault('username')}
            required
            mono
            autoComplete="off"
            className="sm:col-span-3"
          />
          <TextField
            label="Password"
            type="password"
            value={fields.password}
            onChange={set('password')}
            optional
            autoComplete="new-password"
            className="sm:col-span-3"
          />
        </div>
      </Panel>
      <Panel title="Encryption of the connection">
        <div className="flex flex-col gap-4">
          <Select
            label="TLS"
            className="max-w-96"
            value={fields.sslMode}
            onChange={(sslMode) => setFields((before) => ({ ...before, sslMode }))}
            error={problems.sslMode ?? null}
            options={[
              { value: 'verify-full', label: 'Verify the server', detail: 'TLS 1.2 or newer; certificate and name are checked' },
              { value: 'disable', label: 'Plaintext, on this machine only', detail: 'For 127.0.0.1 and localhost' },
            ]}
          />
          {fields.sslMode === 'verify-full' && (
            <CaField known={authorities} value={fields.caId} onChange={(caId) => setFields((before) => ({ ...before, caId }))} />
          )}
        </div>
      </Panel>
      <Panel title="What happens by itself">
        <RadioCards
          label="Schedules"
          hideLabel
          value={fields.plan}
          onChange={(plan) => setFields((before) => ({ ...before, plan }))}
          columns={2}
          options={[
            { value: 'standard', title: 'Protect it with the standard plan', detail: standardPlanWords },
            { value: 'none', title: 'No schedule yet', detail: 'Nothing backs it up until somebody does it by hand or adds a schedule.' },
          ]}
        />
      </Panel>
      <Panel title="Tags and regions">
        <div className="flex flex-col gap-4">
          <PlacingFields
            tags={fields.tags}
            regions={fields.regions}
            known={regions}
            problems={{ tags: fault('tags'), regions: fault('regions') }}
            onTags={set('tags')}
            onRegions={set('regions')}
          />
        </div>
      </Panel>
      {current !== null && (
        <CheckReport
          key={current.operationId}
          id={current.operationId}
          subject={`${fields.dbname} on ${fields.host}`}
          onEnd={(operation) =>
            setTested((before) =>
              before?.operationId === operation.id
                ? { ...before, ended: true, good: operation.error === null && operation.findings.every((one) => one.severity !== 'blocker') }
                : before,
            )
          }
        />
      )}
      <Refusal problem={test.problem ?? save.problem} />
      <div className="flex flex-wrap justify-end gap-2">
        <LinkButton href="/databases">Cancel</LinkButton>
        <Button type="submit" pending={test.pending} variant={current === null || (current.ended && !current.good) ? 'primary' : 'secondary'}>
          {current === null ? 'Test the connection' : 'Test it again'}
        </Button>
        <Button variant={current?.good ? 'primary' : 'secondary'} reason={saveReason} pending={save.pending} onPress={() => void save.start()}>
          {current?.ended && !current.good ? 'Add the database all the same' : 'Add the database'}
        </Button>
      </div>
    </form>
  )
}
