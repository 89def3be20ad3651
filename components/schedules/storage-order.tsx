'use client'

import { ArrowDown, ArrowUp, X } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { Select } from '#components/ui/select.tsx'

interface Place {
  id: string
  name: string
}

/** Which storages get a copy, in order: the first is the primary. None chosen: every storage that the database may use. */
export function StorageOrder({
  storages,
  chosen,
  onChange,
}: {
  storages: readonly Place[]
  chosen: readonly string[]
  onChange: (ids: string[]) => void
}) {
  const open = storages.filter((one) => !chosen.includes(one.id))
  const nameOf = (id: string) => storages.find((one) => one.id === id)?.name ?? 'a storage that is gone'
  const swap = (index: number, other: number) =>
    onChange(chosen.map((id, place) => (place === index ? (chosen[other] ?? id) : place === other ? (chosen[index] ?? id) : id)))
  return (
    <fieldset className="m-0 flex min-w-0 flex-col gap-2 border-0 p-0">
      <legend className="mb-1 p-0 text-sm font-[550]">Storages, in order</legend>
      {chosen.length === 0 ? (
        <p className="m-0 text-ink-2">Every storage that the database may use, also those that are added later.</p>
      ) : (
        <ol className="m-0 flex list-none flex-col gap-1 p-0">
          {chosen.map((id, index) => (
            <li key={id} className="flex items-center gap-1 rounded-md border border-line bg-panel-2 py-0.5 pr-1 pl-2.5">
              <span className="min-w-0 grow [overflow-wrap:anywhere]">
                {nameOf(id)} <span className="text-sm text-ink-3">{index === 0 ? 'primary' : index === 1 ? 'secondary' : ''}</span>
              </span>
              {index > 0 && (
                <Button
                  size="small"
                  variant="plain"
                  label={`Move ${nameOf(id)} up`}
                  icon={<ArrowUp aria-hidden />}
                  onPress={() => swap(index, index - 1)}
                >
                  {null}
                </Button>
              )}
              {index < chosen.length - 1 && (
                <Button
                  size="small"
                  variant="plain"
                  label={`Move ${nameOf(id)} down`}
                  icon={<ArrowDown aria-hidden />}
                  onPress={() => swap(index, index + 1)}
                >
                  {null}
                </Button>
              )}
              <Button
                size="small"
                variant="plain"
                label={`Leave out ${nameOf(id)}`}
                icon={<X aria-hidden />}
                onPress={() => onChange(chosen.filter((one) => one !== id))}
              >
                {null}
              </Button>
            </li>
          ))}
        </ol>
      )}
      {open.length > 0 && (
        <Select
          key={chosen.join(' ')}
          inline
          label={chosen.length === 0 ? 'Only to' : 'Then to'}
          value={null}
          placeholder="choose a storage"
          options={open.map((one) => ({ value: one.id, label: one.name }))}
          onChange={(id) => onChange([...chosen, id])}
        />
      )}
    </fieldset>
  )
}
