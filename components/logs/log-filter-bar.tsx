'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Button } from '#components/ui/button.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { logKinds } from '#lib/domain/log-filters.ts'
import { type LogAsked, logKindWords, logPeriods, logPeriodWords } from './log-address.ts'

const all = 'all'

interface Props {
  asked: LogAsked
  databases: { id: string; name: string }[]
  onAsk: (asked: LogAsked) => void
}

/** A text is searched for when it was typed to its end; the others at once. */
export function LogFilterBar({ asked, databases, onAsk }: Props) {
  const [text, setText] = useState(asked.q ?? '')
  const ask = (change: Partial<LogAsked>) => onAsk({ ...asked, ...change, cursor: null })
  const filtered = asked.q !== null || asked.kind !== null || asked.databaseId !== null || asked.operationId !== null
  return (
    <Form
      aria-label="Search the logs"
      className="mb-4 flex flex-wrap items-end gap-x-3 gap-y-2"
      onSubmit={(event) => {
        event.preventDefault()
        ask({ q: text.trim() === '' ? null : text.trim() })
      }}
    >
      <TextField label="Text" type="search" value={text} onChange={setText} maxLength={200} className="w-72 max-w-full" />
      <Button type="submit">Search</Button>
      <Select
        label="Lines"
        className="w-48"
        value={asked.kind ?? all}
        onChange={(kind) => ask({ kind: kind === all ? null : kind })}
        options={[{ value: all, label: 'all but progress' }, ...logKinds.map((kind) => ({ value: kind, label: logKindWords[kind] }))]}
      />
      <Select
        label="From"
        className="w-44"
        value={asked.since}
        onChange={(since) => ask({ since })}
        options={logPeriods.map((period) => ({ value: period, label: logPeriodWords[period] }))}
      />
      <Select
        label="Database"
        className="w-52"
        value={asked.databaseId ?? all}
        onChange={(id) => ask({ databaseId: id === all ? null : id })}
        options={[{ value: all, label: 'all' }, ...databases.map((database) => ({ value: database.id, label: database.name }))]}
      />
      {filtered && (
        <Button
          variant="plain"
          onPress={() => {
            setText('')
            ask({ q: null, kind: null, databaseId: null, operationId: null })
          }}
        >
          Clear the filters
        </Button>
      )}
    </Form>
  )
}
