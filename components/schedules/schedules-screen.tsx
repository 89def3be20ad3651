'use client'

import { useQuery } from '@tanstack/react-query'
import { CalendarClock, Plus } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { schedulesQuery } from '#lib/client/queries.ts'
import { scheduledTiers } from '#lib/domain/keep.ts'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import { matches, scheduleFilters, filterWords } from './schedule-filters.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { ScheduleTable } from './schedule-table.tsx'
import { SlotLegend } from './slot-marks.tsx'
import { StandardPlanButton } from './standard-plan-button.tsx'
import { standardPlanWords } from './standard-plan-words.ts'

interface Named {
  id: string
  name: string
}
interface Props {
  initial: ScheduleView[]
  databases: Named[]
  storages: Named[]
  role: Role
}

/** What happens by itself, and did it? By database; those with no schedule first. */
export function SchedulesScreen({ initial, databases, storages, role }: Props) {
  const { data } = useQuery({ ...schedulesQuery(), initialData: initial })
  const [sought, setSought] = useQueryState('q', parseAsString.withDefault(''))
  const [filter, setFilter] = useQueryState('show', parseAsStringLiteral(scheduleFilters).withDefault('all'))
  const [adding, setAdding] = useState<Named | null>(null)
  const denied = allows(role, 'schedule.write') ? null : reasonDenied('schedule.write')
  const of = (database: Named) => data.filter((one) => one.database.id === database.id)
  const shown = databases.filter((one) => one.name.toLowerCase().includes(sought.trim().toLowerCase()) && matches(filter, of(one)))
  const without = shown.filter((one) => of(one).length === 0)

  if (databases.length === 0) {
    return (
      <Panel flush>
        <EmptyState
          icon={CalendarClock}
          title="There is nothing to schedule yet"
          action={<LinkButton href="/databases/new">Add a database</LinkButton>}
        >
          A schedule belongs to a database. Once one is registered, the standard plan protects it in one act.
        </EmptyState>
      </Panel>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      {databases.length > 5 && (
        <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
          <TextField
            label="Find a database"
            type="search"
            value={sought}
            onChange={(value) => void setSought(value === '' ? null : value)}
            className="w-72"
          />
          <Select
            label="Show"
            className="w-64"
            value={filter}
            onChange={(value) => void setFilter(value === 'all' ? null : value)}
            options={scheduleFilters.map((value) => ({ value, label: filterWords[value] }))}
          />
          <span role="status" className="py-1.5 text-sm text-ink-2">
            {shown.length === databases.length
              ? formatCount(shown.length, 'database')
              : `${shown.length} of ${formatCount(databases.length, 'database')}`}
          </span>
        </div>
      )}
      {without.length > 0 && <Unscheduled databases={without} role={role} onAdd={setAdding} denied={denied} />}
      {shown
        .filter((one) => of(one).length > 0)
        .map((database) => (
          <Panel
            key={database.id}
            flush
            title={
              <Link href={`/databases/${database.id}`} quiet>
                {database.name}
              </Link>
            }
            aside={
              of(database).length < scheduledTiers.length && (
                <Button
                  size="small"
                  variant="plain"
                  icon={<Plus aria-hidden />}
                  label={`Add a schedule for ${database.name}`}
                  reason={denied}
                  onPress={() => setAdding(database)}
                >
                  Add a schedule
                </Button>
              )
            }
          >
            <ScheduleTable database={database} schedules={of(database)} storages={storages} role={role} />
          </Panel>
        ))}
      {shown.length === 0 && (
        <p className="m-0 text-ink-2">{sought.trim() === '' ? 'No database is like that.' : `No database that is called “${sought}” is shown.`}</p>
      )}
      {data.length > 0 && <SlotLegend />}
      {adding !== null && (
        <ScheduleDialog
          schedule={null}
          database={adding}
          taken={of(adding).map((one) => one.tier)}
          storages={storages}
          onClose={() => setAdding(null)}
        />
      )}
    </div>
  )
}

function Unscheduled(props: { databases: Named[]; role: Role; denied: string | null; onAdd: (database: Named) => void }) {
  const { databases, role, denied, onAdd } = props
  return (
    <Panel
      title={databases.length === 1 ? 'One database has no schedule' : `${formatCount(databases.length, 'database')} have no schedule`}
      say={`Nothing backs ${databases.length === 1 ? 'it' : 'them'} up by itself. The standard plan: ${standardPlanWords}`}
      flush
    >
      <ul className="m-0 list-none p-0">
        {databases.map((database) => (
          <li key={database.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 sm:px-[18px]">
            <Link href={`/databases/${database.id}`} quiet>
              {database.name}
            </Link>
            <span className="flex flex-wrap gap-2">
              <StandardPlanButton
                database={database}
                role={role}
                size="small"
                variant={databases.length === 1 ? 'primary' : 'secondary'}
                name={`Protect with the standard plan: ${database.name}`}
              />
              <Button size="small" variant="plain" label={`One of your own for ${database.name}`} reason={denied} onPress={() => onAdd(database)}>
                One of your own
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
