'use client'

import { useQuery } from '@tanstack/react-query'
import { usePageTitle } from '#components/shell/page-title.ts'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Time } from '#components/ui/time.tsx'
import { isUnseen } from '#components/watch/known-now.ts'
import { AlertSeverityBadge } from '#components/watch/looks.tsx'
import { WatchLine } from '#components/watch/watch-line.tsx'
import { ApiError } from '#lib/client/api.ts'
import { alertQuery } from '#lib/client/queries.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { AlertDetail, WatchState } from '#lib/domain/watch-views.ts'
import { AlertActs } from './alert-acts.tsx'
import { AlertEvents } from './alert-events.tsx'
import { AlertFacts } from './alert-facts.tsx'
import { Marks } from './alert-row.tsx'
import { AlertTold } from './alert-told.tsx'
import { alertName, alertsHref } from './alert-words.ts'
import { WhatToDo } from './what-to-do.tsx'

/** One alert: what is wrong, what to do, who knows of it, and what became of it. */
export function AlertScreen({ alert: first, watch, role }: { alert: AlertDetail; watch: WatchState; role: Role }) {
  const { data: alert, error } = useQuery({ ...alertQuery(first.id), initialData: first })
  const name = alertName(alert)
  usePageTitle(`${alert.state === 'resolved' ? 'Resolved' : alert.severity === 'critical' ? 'Critical' : 'Warning'}: ${name}`)
  return (
    <>
      <PageHeader
        title={name}
        up={{ href: alertsHref(alert.state), label: 'Alerts' }}
        badge={
          <span className="flex flex-wrap gap-2">
            <AlertSeverityBadge severity={alert.severity} over={alert.state === 'resolved'} />
            <Marks alert={alert} />
          </span>
        }
        actions={<AlertActs alert={alert} role={role} />}
      >
        <Standing alert={alert} />
      </PageHeader>
      <WatchLine initial={watch} />
      {error instanceof ApiError && (
        <div className="mb-4">
          <Problem alert tone="warn" title="This may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
        <div className="grid min-w-0 gap-4">
          <Panel title={alert.state === 'resolved' ? 'What it was' : 'What is wrong'}>
            <p className="m-0 max-w-[80ch] text-[15px] [overflow-wrap:anywhere]">{alert.words}</p>
            {alert.resolution !== null && (
              <p className="m-0 mt-2 max-w-[80ch] [overflow-wrap:anywhere]">
                <span className="text-ink-3">How it ended: </span>
                {alert.resolution}
              </p>
            )}
            <h3 className="m-0 mt-4 text-sm font-normal text-ink-3">What it means</h3>
            <p className="m-0 max-w-[80ch] [overflow-wrap:anywhere]">{alert.means}</p>
          </Panel>
          <WhatToDo alert={alert} />
          <AlertEvents events={alert.events} older={alert.olderEvents} />
        </div>
        <div className="grid min-w-0 gap-4">
          <AlertFacts alert={alert} />
          <AlertTold alert={alert} />
        </div>
      </div>
    </>
  )
}

/** How it stands, in a sentence. */
function Standing({ alert }: { alert: AlertDetail }) {
  const unseen = isUnseen(alert, useNow())
  if (alert.resolvedAt !== null) {
    const lasted = (Date.parse(alert.resolvedAt) - Date.parse(alert.openedAt)) / 1_000
    return (
      <>
        Over <Time at={alert.resolvedAt} />, after {formatDuration(lasted)}.
      </>
    )
  }
  return (
    <>
      Since <Time at={alert.openedAt} />
      {unseen ? (
        <>
          . The check said so last <Time at={alert.seenAt} />: whether it still holds is unknown.
        </>
      ) : (
        <>
          , seen last <Time at={alert.seenAt} />.
        </>
      )}
    </>
  )
}
