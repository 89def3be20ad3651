'use client'

import { MapPin, Tag } from 'lucide-react'
import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip, wrappingChip } from '#components/ui/chip.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { mayLieOn } from '#lib/domain/residency.ts'
import type { DatabaseView, StorageView } from '#lib/domain/views.ts'
import { ChangePlacing } from './change-placing.tsx'

/** Which duties it falls under, by its tags, and where its copies may lie. */
export function PlacingPanel({ database, storages, role }: { database: DatabaseView; storages: StorageView[]; role: Role }) {
  const [changing, setChanging] = useState(false)
  const refresh = useRefresh()
  const { tags, allowedRegions } = database
  const elsewhere = storages.filter((one) => !mayLieOn(allowedRegions, one.region))
  return (
    <Panel
      title="Tags and regions"
      aside={
        <Button
          size="small"
          variant="plain"
          label={`Change the tags and regions of ${database.name}`}
          reason={allows(role, 'database.write') ? null : reasonDenied('database.write')}
          onPress={() => setChanging(true)}
        >
          Change
        </Button>
      }
    >
      <Facts
        items={[
          {
            term: 'Tags',
            value: tags.length === 0 ? <span className="text-ink-3">none: no duty of retention applies to it</span> : <Labels of={tags} icon={Tag} />,
          },
          {
            term: 'Copies may lie',
            value: allowedRegions === null ? 'anywhere' : <Labels of={allowedRegions} icon={MapPin} />,
          },
        ]}
      />
      {elsewhere.length > 0 && (
        <p className="m-0 mt-3 text-sm text-ink-2">
          New copies are refused on {elsewhere.map((one) => (one.region === null ? `${one.name} (names no region)` : one.name)).join(', ')}. Copies
          that are there already stay until a rule or a person deletes them; <Link href={`/backups?databaseId=${database.id}`}>see them</Link>.
        </p>
      )}
      {changing && <ChangePlacing database={database} storages={storages} onClose={() => setChanging(false)} onChanged={refresh} />}
    </Panel>
  )
}

function Labels({ of, icon }: { of: readonly string[]; icon: typeof Tag }) {
  return (
    <span className="flex flex-wrap gap-1">
      {of.map((one) => (
        <Chip key={one} tone="idle" icon={icon} className={wrappingChip}>
          {one}
        </Chip>
      ))}
    </span>
  )
}
