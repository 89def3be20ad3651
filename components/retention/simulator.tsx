'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Select } from '#components/ui/select.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { ApiError } from '#lib/client/api.ts'
import { simulationQuery } from '#lib/client/queries.ts'
import type { RetentionView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import { ApplyRules } from './apply-rules.tsx'
import { changesOf, draftOf } from './draft-rules.ts'
import type { Named } from './place-names.ts'
import { RulesEditor } from './rules-editor.tsx'
import { SimulationResult } from './simulation-result.tsx'
import { useSettled } from './use-settled.ts'

const all = 'all'

interface Props {
  retention: RetentionView
  databases: Named[]
  storages: Named[]
  role: Role
}

/** Change the rules and see, on the real history, what stays, what goes and when. Nothing is changed before it is applied. */
export function Simulator({ retention, databases, storages, role }: Props) {
  const [draft, setDraft] = useState(() => draftOf(retention.rules))
  const [applying, setApplying] = useState(false)
  const [databaseId, setDatabaseId] = useQueryState('database', parseAsString)
  const settled = useSettled(draft, 350)
  const faulty = draft.some((rule) => rule.keep.count < 1 || rule.keep.count > 1000)
  const asked = settled.some((rule) => rule.keep.count < 1 || rule.keep.count > 1000)
  const { data, error, isPlaceholderData, isFetching } = useQuery({
    ...simulationQuery([...settled], databaseId),
    enabled: !asked,
    placeholderData: keepPreviousData,
  })
  const inForce = useQuery(simulationQuery([...draftOf(retention.rules)], databaseId))
  const changes = changesOf(retention.rules, draft)
  const current = data !== undefined && settled === draft && !isPlaceholderData && error === null
  const reason = !allows(role, 'retention.write')
    ? reasonDenied('retention.write')
    : changes.length === 0
      ? 'Nothing was changed yet.'
      : faulty
        ? 'Every rule needs a number from 1 to 1000.'
        : current
          ? null
          : 'What it would do is being worked out.'

  return (
    <div className="flex flex-col gap-4">
      <Panel
        title="Rules to try out"
        say="Change a number and see below what it would do to the backups that exist. Nothing changes before you apply it."
        flush
        aside={
          <span className="flex flex-wrap gap-2">
            <Button
              size="small"
              reason={changes.length === 0 ? 'These are the rules in force.' : null}
              onPress={() => setDraft(draftOf(retention.rules))}
            >
              Back to the rules in force
            </Button>
            <Button size="small" variant="primary" reason={reason} onPress={() => setApplying(true)}>
              {changes.length < 2 ? 'Apply the change' : `Apply ${formatCount(changes.length, 'change')}`}
            </Button>
          </span>
        }
      >
        <RulesEditor draft={draft} changes={changes} databases={databases} storages={storages} onChange={setDraft} />
      </Panel>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="m-0 text-lg font-semibold">{changes.length === 0 ? 'Under the rules in force' : 'Under the rules tried out'}</h2>
        {databases.length > 1 && (
          <Select
            inline
            label="Show"
            value={databaseId ?? all}
            onChange={(value) => void setDatabaseId(value === all ? null : value)}
            options={[{ value: all, label: 'every database' }, ...databases.map((one) => ({ value: one.id, label: one.name }))]}
          />
        )}
      </div>
      {faulty && (
        <Problem tone="warn" title="Every rule needs a number from 1 to 1000">
          An empty rule would keep nothing, so it is refused. What is shown below is the last that could be worked out.
        </Problem>
      )}
      {error instanceof ApiError && (
        <Problem title={error.problem.title} id={error.problem.requestId}>
          {error.problem.remedy}
        </Problem>
      )}
      {data !== undefined ? (
        <SimulationResult
          view={data}
          inForce={changes.length > 0 ? inForce.data : undefined}
          changed={changes.length > 0}
          working={isFetching || settled !== draft}
        />
      ) : (
        error === null && (
          <div role="status" aria-label="Working out what would go">
            <Skeleton className="mb-2 h-5 w-96 max-w-full" />
            <Skeleton className="h-5 w-72 max-w-full" />
          </div>
        )
      )}
      {applying && (
        <ApplyRules
          changes={changes}
          view={data ?? null}
          inForce={inForce.data}
          databases={databases}
          storages={storages}
          delayHours={retention.settings.shrinkDelayHours}
          onClose={() => setApplying(false)}
        />
      )}
    </div>
  )
}
