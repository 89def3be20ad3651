'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import { StepActions } from './step-actions.tsx'
import { wayOf } from './acts.ts'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

/** One table of the backup's manifest. */
export interface TableChoice {
  schema: string
  table: string
  /** null: not counted */
  rows: number | null
  rawBytes: number
}

const shownAtMost = 60
const keyOf = (schema: string, table: string) => JSON.stringify([schema, table])

/** Which table, picked from the manifest, and in which way it comes back. */
export function StepTable({ address, role, tables }: { address: WizardAddress; role: Role; tables: TableChoice[] }) {
  const router = useRouter()
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<string | null>(
    address.schema === null || address.table === null
      ? tables.length === 1
        ? keyOf(tables[0]?.schema ?? '', tables[0]?.table ?? '')
        : null
      : keyOf(address.schema, address.table),
  )
  const [way, setWay] = useState<'beside' | 'replace'>(wayOf(address) === 'replace' ? 'replace' : 'beside')
  const wanted = search.trim().toLowerCase()
  const found = tables.filter((one) => `${one.schema}.${one.table}`.toLowerCase().includes(wanted))
  const picked = tables.find((one) => keyOf(one.schema, one.table) === chosen)
  const shown = found.slice(0, shownAtMost)
  const options = picked === undefined || shown.includes(picked) ? shown : [picked, ...shown]
  const denied = allows(role, 'restore.overwrite') ? null : reasonDenied('restore.overwrite')

  return (
    <>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Which table?" aside={formatCount(tables.length, 'table')}>
          <TextField label="Search tables" type="search" value={search} onChange={setSearch} className="mb-3" />
          <div className="max-h-[420px] overflow-y-auto p-1 -m-1" tabIndex={0} role="group" aria-label="Tables of the backup">
            <RadioCards
              label="Which table?"
              hideLabel
              value={chosen}
              onChange={setChosen}
              options={options.map((one) => ({
                value: keyOf(one.schema, one.table),
                title: <span className="font-mono text-[12.5px]">{`${one.schema}.${one.table}`}</span>,
                detail: `${one.rows === null ? 'rows not counted' : formatCount(one.rows, 'row')} · ${formatBytes(one.rawBytes)}`,
              }))}
            />
          </div>
          {found.length > shownAtMost && (
            <p className="m-0 mt-3 text-sm text-ink-2">
              {shownAtMost} of {formatCount(found.length, 'table')}: search to see others.
            </p>
          )}
          {found.length === 0 && <p className="m-0 mt-3 text-ink-2">No table of this backup is called like that.</p>}
        </Panel>
        <Panel>
          <RadioCards
            label="How should it come back?"
            value={way}
            onChange={setWay}
            options={[
              {
                value: 'beside',
                title: 'Beside the live table',
                detail: 'Under a name of its own, with its data, indexes and what can stand alone. Nothing that exists is changed.',
                reason: denied,
              },
              {
                value: 'replace',
                title: 'Its rows into the live table',
                detail:
                  'The dry run compares row by row first. All rows, or only the missing or changed ones, in one transaction, behind a verified safety backup.',
                reason: denied,
              },
            ]}
          />
        </Panel>
      </div>
      <StepActions>
        <LinkButton href={wizardHref(address, 'point')}>Back</LinkButton>
        <Button
          variant="primary"
          reason={picked === undefined ? 'Choose the table first.' : null}
          onPress={() =>
            picked !== undefined &&
            router.push(
              wizardHref(address, 'dry-run', { schema: picked.schema, table: picked.table, way, ...(way === 'beside' ? { rows: 'all' } : {}) }),
            )
          }
        >
          Go on to the dry run
        </Button>
      </StepActions>
    </>
  )
}
