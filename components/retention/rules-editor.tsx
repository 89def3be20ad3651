'use client'

import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Select } from '#components/ui/select.tsx'
import { type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import { type Draft, inheritedAt, keepAt, type Place, placeKey, placesIn, type RuleChange, samePlace, withKeep } from './draft-rules.ts'
import { KeepField } from './keep-field.tsx'
import { type Named, placeWords } from './place-names.ts'

const every = 'every'

/** The rules as a table to type in: places down, tiers across. */
export function RulesEditor(props: {
  draft: Draft
  changes: readonly RuleChange[]
  databases: readonly Named[]
  storages: readonly Named[]
  onChange: (draft: Draft) => void
}) {
  const { draft, changes, databases, storages, onChange } = props
  const [added, setAdded] = useState<Place[]>([])
  const [database, setDatabase] = useState(every)
  const [storage, setStorage] = useState(every)
  const places = placesIn([{ databaseId: null, storageId: null }, ...draft, ...added])
  const wanted: Place = { databaseId: database === every ? null : database, storageId: storage === every ? null : storage }
  const there = places.some((one) => samePlace(one, wanted))

  const cell = (place: Place, tier: ScheduledTier) => {
    const isWhole = place.databaseId === null && place.storageId === null
    return (
      <KeepField
        label={`${tier}, ${placeWords(place, databases, storages)}`}
        own={keepAt(draft, place, tier)}
        inherited={inheritedAt(draft, place, tier)}
        changed={changes.some((one) => one.tier === tier && samePlace(one.place, place))}
        onChange={(keep) => onChange(withKeep(draft, place, tier, keep))}
        {...(isWhole ? {} : { onClear: () => onChange(withKeep(draft, place, tier, null)) })}
      />
    )
  }

  return (
    <>
      <DataTable
        caption="Rules to try out: how long backups of each tier stay"
        rows={places}
        rowKey={placeKey}
        columns={[
          {
            id: 'place',
            header: 'Where',
            primary: true,
            cell: (place) => <span className="font-semibold">{placeWords(place, databases, storages)}</span>,
          },
          ...scheduledTiers.map((tier) => ({ id: tier, header: tier, cell: (place: Place) => cell(place, tier) })),
        ]}
      />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2.5 sm:px-[18px]">
        <span className="text-sm text-ink-2">An exception for</span>
        <Select
          inline
          label="database"
          value={database}
          onChange={setDatabase}
          options={[{ value: every, label: 'every' }, ...databases.map((one) => ({ value: one.id, label: one.name }))]}
        />
        <Select
          inline
          label="on storage"
          value={storage}
          onChange={setStorage}
          options={[{ value: every, label: 'every' }, ...storages.map((one) => ({ value: one.id, label: one.name }))]}
        />
        <Button
          size="small"
          icon={<Plus aria-hidden />}
          reason={there ? 'This place is in the table already: choose another database or storage.' : null}
          onPress={() => setAdded((before) => [...before, wanted])}
        >
          Add the exception
        </Button>
      </div>
    </>
  )
}
