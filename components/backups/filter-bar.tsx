'use client'

import { X } from 'lucide-react'
import { parseAsString, useQueryStates } from 'nuqs'
import { useTransition } from 'react'
import { Button } from '#components/ui/button.tsx'
import { inputClass } from '#components/ui/field-parts.tsx'
import { Select } from '#components/ui/select.tsx'
import { copyLook } from '#components/ui/state-badge.tsx'
import { copyStates, tiers } from '#lib/domain/states.ts'
import type { DatabaseView, StorageView } from '#lib/domain/views.ts'

const all = 'all'
const keys = ['databaseId', 'tier', 'state', 'storageId', 'verified', 'from', 'to', 'cursor'] as const
type Key = (typeof keys)[number]

/** What the list shows, kept in the address; the server reads the list anew for every change. */
export function FilterBar({ databases, storages }: { databases: DatabaseView[]; storages: StorageView[] }) {
  const [pending, startTransition] = useTransition()
  const [values, setValues] = useQueryStates(Object.fromEntries(keys.map((key) => [key, parseAsString])) as Record<Key, typeof parseAsString>, {
    shallow: false,
    history: 'push',
    startTransition,
  })
  const set = (key: Key) => (value: string) => void setValues({ [key]: value === all || value === '' ? null : value, cursor: null })
  const filtered = keys.some((key) => key !== 'cursor' && values[key] !== null)

  return (
    <search aria-label="Filter backups" aria-busy={pending} className="mb-4 flex flex-wrap items-center gap-2">
      <Choice label="Database" value={values.databaseId} onChange={set('databaseId')} options={databases.map((one) => [one.id, one.name])} />
      <Choice label="Tier" value={values.tier} onChange={set('tier')} options={tiers.map((one) => [one, one])} />
      <Choice label="State" value={values.state} onChange={set('state')} options={copyStates.map((one) => [one, copyLook[one].word])} />
      <Choice label="Storage" value={values.storageId} onChange={set('storageId')} options={storages.map((one) => [one.id, one.name])} />
      <Choice
        label="Read back"
        value={values.verified}
        onChange={set('verified')}
        options={[
          ['true', 'read back whole'],
          ['false', 'never read back'],
        ]}
      />
      <Day label="From" value={values.from} onChange={set('from')} />
      <Day label="To" value={values.to} onChange={set('to')} />
      {filtered && (
        <Button
          size="small"
          variant="plain"
          icon={<X aria-hidden />}
          onPress={() => void setValues(Object.fromEntries(keys.map((key) => [key, null])) as Record<Key, null>)}
        >
          Clear the filters
        </Button>
      )}
      <span role="status" className="text-sm text-ink-3">
        {pending ? 'Reading…' : ''}
      </span>
    </search>
  )
}

function Choice(props: { label: string; value: string | null; onChange: (value: string) => void; options: [string, string][] }) {
  return (
    <Select
      inline
      label={props.label}
      value={props.value ?? all}
      onChange={props.onChange}
      options={[{ value: all, label: 'all' }, ...props.options.map(([value, label]) => ({ value, label }))]}
    />
  )
}

function Day({ label, value, onChange }: { label: string; value: string | null; onChange: (value: string) => void }) {
  return (
    <label className="inline-flex items-center gap-1.5 text-sm text-ink-2">
      {label}
      <input type="date" value={value ?? ''} onChange={(event) => onChange(event.target.value)} className={`${inputClass} w-36`} />
    </label>
  )
}
