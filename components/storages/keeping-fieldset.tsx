'use client'

import { Problem } from '#components/ui/problem.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import type { KeepingFields } from './keeping-fields.ts'

interface Props {
  kind: 'local' | 's3'
  fields: KeepingFields
  problems: Partial<Record<keyof KeepingFields, string>>
  onChange: (change: Partial<KeepingFields>) => void
}

/** Region, agreement, medium and lock of a storage. */
export function KeepingFieldset({ kind, fields, problems, onChange }: Props) {
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <TextField
          label="Region it lies in"
          value={fields.placeRegion}
          onChange={(placeRegion) => onChange({ placeRegion })}
          error={problems.placeRegion ?? null}
          optional
          placeholder="eu-central"
          help="A word of your own. A database may name the regions that its copies may lie in."
        />
        <TextField
          label="Agreement"
          value={fields.agreement}
          onChange={(agreement) => onChange({ agreement })}
          error={problems.agreement ?? null}
          optional
          placeholder="DPA 2026-014"
          help="What storing there rests on: a contract’s number, say."
        />
      </div>
      {kind === 'local' && (
        <RadioCards
          label="Medium"
          columns={2}
          value={fields.medium}
          onChange={(medium) => onChange({ medium })}
          options={[
            { value: 'online', title: 'Online', detail: 'It is always there; when it is not, something is wrong' },
            { value: 'offline', title: 'Offline', detail: 'A disk that may be absent: its copies wait until it is back' },
          ]}
        />
      )}
      {kind === 's3' && (
        <>
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <Select
              label="Object Lock"
              value={fields.lockMode}
              onChange={(lockMode) => onChange({ lockMode })}
              options={[
                { value: 'none', label: 'None', detail: 'What the bucket itself sets counts all the same' },
                { value: 'GOVERNANCE', label: 'Governance', detail: 'Only a right of its own deletes before the date' },
                { value: 'COMPLIANCE', label: 'Compliance', detail: 'Nobody deletes before the date' },
              ]}
              help="For copies stored from now on. The bucket must have been made with Object Lock."
            />
            {fields.lockMode !== 'none' && (
              <TextField
                label="Days locked"
                value={fields.lockDays}
                onChange={(lockDays) => onChange({ lockDays })}
                error={problems.lockDays ?? null}
                inputMode="numeric"
                help="From when an object is stored."
              />
            )}
          </div>
          {fields.lockMode === 'COMPLIANCE' && (
            <Problem tone="warn" title="Nobody can take compliance back">
              Until the date has passed no copy stored under it can be deleted or moved, not by Lifeboat, not by an admin, not by the account’s owner.
            </Problem>
          )}
        </>
      )}
    </>
  )
}
