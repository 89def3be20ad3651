'use client'

import { useQuery } from '@tanstack/react-query'
import { PageHeader } from '#components/ui/page-header.tsx'
import { TabLinks } from '#components/ui/tab-links.tsx'
import { retentionQuery } from '#lib/client/queries.ts'
import type { RetentionView } from '#lib/domain/keeping-views.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { DutiesPanel } from './duties-panel.tsx'
import type { Named } from './place-names.ts'
import { PausedNotice, PruningPanel } from './pruning-panel.tsx'
import { type RetentionPart, retentionParts } from './retention-parts.ts'
import { RulesPanel } from './rules-panel.tsx'
import { Simulator } from './simulator.tsx'

const labels = { rules: 'Rules', simulator: 'Simulator' } satisfies Record<RetentionPart, string>

interface Props {
  part: RetentionPart
  initial: RetentionView
  databases: Named[]
  storages: Named[]
  role: Role
}

/** What is kept, for how long and why, and what a change would do. */
export function RetentionScreen({ part, initial, databases, storages, role }: Props) {
  const { data } = useQuery({ ...retentionQuery(), initialData: initial })
  return (
    <>
      <PageHeader title="Retention">
        How long backups stay, and what would go. The last verified backup of a database is never deleted by rule.
      </PageHeader>
      <div className="mb-4 flex flex-col gap-4">
        <PausedNotice retention={data} role={role} />
        <TabLinks
          label="Retention"
          current={part}
          tabs={retentionParts.map((value) => ({ value, href: value === 'rules' ? '/retention' : `/retention?part=${value}`, label: labels[value] }))}
        />
      </div>
      {part === 'simulator' ? (
        <Simulator retention={data} databases={databases} storages={storages} role={role} />
      ) : (
        <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
          <div className="grid min-w-0 gap-4">
            <RulesPanel rules={data.rules} databases={databases} storages={storages} role={role} />
            <DutiesPanel retention={data} role={role} />
          </div>
          <PruningPanel retention={data} storages={storages} role={role} />
        </div>
      )}
    </>
  )
}
