'use client'

import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import type { RetentionView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import { ChangeLimits } from './change-limits.tsx'
import type { Named } from './place-names.ts'
import { PruneNow } from './prune-now.tsx'
import { ResumePruning } from './resume-pruning.tsx'

/** Whether deleting by rule is on, when it was last done and when next, and what bounds it. */
export function PruningPanel({ retention, storages, role }: { retention: RetentionView; storages: readonly Named[]; role: Role }) {
  const [changing, setChanging] = useState(false)
  const { paused, lastPrune, nextPruneAt, settings } = retention
  const denied = allows(role, 'retention.write') ? null : reasonDenied('retention.write')
  const refresh = useRefresh()
  return (
    <Panel
      title="Deleting by rule"
      aside={
        <Button size="small" variant="plain" label="Change the limits of deleting" reason={denied} onPress={() => setChanging(true)}>
          Change
        </Button>
      }
    >
      <Facts
        items={[
          {
            term: 'State',
            value: paused === null ? 'on' : <span className="font-semibold text-warn">paused: nothing is deleted by rule</span>,
          },
          {
            term: 'Last',
            value:
              lastPrune === null ? (
                'never'
              ) : (
                <>
                  <Time at={lastPrune.at} />:{' '}
                  <Link href={`/operations/${lastPrune.operationId}`}>
                    {formatCount(lastPrune.deleted, 'copy', 'copies')} deleted, {formatBytes(lastPrune.freedBytes)} freed
                  </Link>
                </>
              ),
          },
          { term: 'Next', value: paused !== null ? 'when it is resumed' : <Time at={nextPruneAt} never="not planned" /> },
          { term: 'At most', value: `${formatCount(settings.deletionsPerRun, 'copy', 'copies')} in one run, the oldest first` },
          { term: 'A shorter rule', value: `acts ${formatCount(settings.shrinkDelayHours, 'hour')} after it was set` },
          { term: 'Safety backups', value: `stay ${formatCount(settings.safetyDays, 'day')}, and at least until a restore can no longer be undone` },
          {
            term: 'Not verified, or suspicious',
            value: `never counted, and not deleted before somebody looked or ${formatCount(settings.unlookedDays, 'day')} passed`,
          },
        ]}
      />
      <PruneNow storages={storages} paused={paused !== null} role={role} />
      {changing && (
        <ChangeLimits
          settings={settings}
          onClose={() => {
            setChanging(false)
            refresh()
          }}
        />
      )}
    </Panel>
  )
}

/** After a rebuild nothing is deleted before an admin has looked at what would go. */
export function PausedNotice({ retention, role }: { retention: RetentionView; role: Role }) {
  const [resuming, setResuming] = useState(false)
  const { paused } = retention
  if (paused === null) return null
  return (
    <>
      <Problem
        tone="warn"
        title="Deleting by rule is paused"
        action={
          <>
            <LinkButton href="/retention?part=simulator">See what would go</LinkButton>
            <Button reason={allows(role, 'retention.write') ? null : reasonDenied('retention.write')} onPress={() => setResuming(true)}>
              Resume deleting
            </Button>
            {paused.operationId !== null && <LinkButton href={`/operations/${paused.operationId}`}>Open what paused it</LinkButton>}
          </>
        }
      >
        {paused.reason} Since <Time at={paused.since} />. Backups go on being made; nothing is deleted by rule until an admin has looked.
      </Problem>
      {resuming && <ResumePruning retention={retention} onClose={() => setResuming(false)} />}
    </>
  )
}
