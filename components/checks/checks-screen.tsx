'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleHelp, SearchX } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Select } from '#components/ui/select.tsx'
import { ApiError } from '#lib/client/api.ts'
import { checksQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import { checkStatuses } from '#lib/domain/watch/check-kinds.ts'
import type { CheckView } from '#lib/domain/watch-views.ts'
import { statusNow } from '#components/watch/known-now.ts'
import { checkLook } from '#components/watch/looks.tsx'
import { groupChecks, type KnownCheck } from './check-filters.ts'
import { CheckGroupPanel } from './check-group.tsx'

const all = 'all'
const filters = { status: parseAsStringLiteral(checkStatuses), database: parseAsString }

/** Everything that is looked at, and what was seen last; the worst first. */
export function ChecksScreen({ initial, databases }: { initial: CheckView[]; databases: { id: string; name: string }[] }) {
  const now = useNow()
  const [address, setAddress] = useQueryStates(filters, { history: 'push' })
  const { data, error } = useQuery({ ...checksQuery(), initialData: initial })
  const checks = data.map((check): KnownCheck => {
    const known = statusNow(check, now)
    return { ...check, statusNow: known.status, staleNow: known.stale }
  })
  const ofDatabase = checks.filter((check) => address.database === null || check.database?.id === address.database)
  const shown = ofDatabase.filter((check) => address.status === null || check.statusNow === address.status)
  const groups = groupChecks(shown)
  const trouble = checks.filter((check) => check.statusNow === 'critical' || check.statusNow === 'warning').length
  usePageTitle(trouble === 0 ? 'Checks' : `${formatCount(trouble)} not well · Checks`)
  const filtered = address.status !== null || address.database !== null
  const many = groups.length > 3 && address.status === null
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-2" role="group" aria-label="Filters">
        <Select
          inline
          label="Result"
          value={address.status ?? all}
          onChange={(status) => void setAddress({ status: status === all ? null : status })}
          options={[
            { value: all, label: `all (${formatCount(ofDatabase.length)})` },
            ...(['critical', 'warning', 'unknown', 'ok'] as const).map((status) => ({
              value: status,
              label: `${checkLook[status].word} (${formatCount(ofDatabase.filter((check) => check.statusNow === status).length)})`,
            })),
          ]}
        />
        <Select
          inline
          label="Database"
          value={address.database ?? all}
          onChange={(id) => void setAddress({ database: id === all ? null : id })}
          options={[{ value: all, label: 'all' }, ...databases.map((database) => ({ value: database.id, label: database.name }))]}
        />
        {filtered && (
          <Button variant="plain" onPress={() => void setAddress({ status: null, database: null })}>
            Clear the filters
          </Button>
        )}
      </div>
      {error instanceof ApiError && (
        <div className="mb-3">
          <Problem alert tone="warn" title="The list may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      {groups.length === 0 ? (
        <Panel flush>
          <EmptyState
            icon={filtered ? SearchX : CircleHelp}
            title={filtered ? 'No check is like that' : 'Nothing was looked at yet'}
            action={filtered && <Button onPress={() => void setAddress({ status: null, database: null })}>Clear the filters</Button>}
          >
            {filtered
              ? 'Of the checks that were made none matches these filters.'
              : 'The first checks are made within a minute after a worker has started. Until then nothing is known.'}
          </EmptyState>
        </Panel>
      ) : (
        <div className="grid gap-4">
          {groups.map((group) => (
            <CheckGroupPanel key={group.key} group={group} folded={many} />
          ))}
        </div>
      )}
    </>
  )
}
