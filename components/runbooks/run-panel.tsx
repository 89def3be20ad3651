'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { Time } from '#components/ui/time.tsx'
import type { RunbookRunChange } from '#lib/domain/runbook-input.ts'
import { type RunbookOutcome, runbookOutcomes } from '#lib/domain/states.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { RunbookRunView } from '#lib/domain/views.ts'
import { RunBadge } from './past-runs.tsx'

interface Props {
  run: RunbookRunView
  /** steps of the runbook */
  total: number
  /** why this person may not record; null: may */
  denied: string | null
  pending: boolean
  end: (what: RunbookRunChange) => void
}

const outcomeWords = {
  recovered: { title: 'Recovered', detail: 'The data is back, and people work with it.' },
  exercise: { title: 'It was an exercise', detail: 'Nothing had happened.' },
  given_up: { title: 'Given up', detail: 'It was not recovered this way.' },
} satisfies Record<RunbookOutcome, { title: string; detail: string }>

/** The record: how far, by whom, and how it ended. */
export function RunPanel({ run, total, denied, pending, end }: Props) {
  const [ending, setEnding] = useState(false)
  const [outcome, setOutcome] = useState<RunbookOutcome | null>(null)
  const [note, setNote] = useState('')
  const ended = run.endedAt !== null
  return (
    <Panel
      title={
        <span className="flex flex-wrap items-center gap-3">
          {ended ? 'The record of this recovery' : 'A record is kept'} <RunBadge outcome={run.outcome} />
        </span>
      }
      aside={`${run.steps.length} of ${formatCount(total, 'step')} done`}
    >
      <p className="m-0">
        Begun <Time at={run.begunAt} as="utc" /> by {run.begunBy}.{' '}
        {ended && (
          <>
            Ended <Time at={run.endedAt} as="utc" /> by {run.endedBy}. {run.note}
          </>
        )}
        {!ended && 'Tick each step when it is done; not every way has to be gone.'}
      </p>
      {!ended && !ending && (
        <div className="no-print mt-3">
          <Button reason={denied} onPress={() => setEnding(true)}>
            End the record
          </Button>
        </div>
      )}
      {!ended && ending && (
        <div className="no-print mt-3 flex flex-col gap-3">
          <RadioCards
            label="How did it end?"
            value={outcome}
            onChange={setOutcome}
            options={runbookOutcomes.map((value) => ({ value, ...outcomeWords[value] }))}
          />
          <TextField label="What should the next person know?" optional value={note} onChange={setNote} rows={2} maxLength={2000} />
          <div className="flex flex-wrap gap-2">
            <Button onPress={() => setEnding(false)}>Go on recording</Button>
            <Button
              variant="primary"
              pending={pending}
              reason={outcome === null ? 'Say first how it ended.' : null}
              onPress={() => outcome !== null && end({ change: 'ended', outcome, note: note.trim() === '' ? null : note })}
            >
              End the record
            </Button>
          </div>
        </div>
      )}
    </Panel>
  )
}
