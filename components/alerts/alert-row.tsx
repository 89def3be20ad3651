'use client'

import { ArrowRight, EyeOff, VolumeX } from 'lucide-react'
import { Chip } from '#components/ui/chip.tsx'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Time } from '#components/ui/time.tsx'
import { isUnseen } from '#components/watch/known-now.ts'
import { AlertSeverityBadge, AlertStateBadge } from '#components/watch/looks.tsx'
import { levelTitles } from '#lib/domain/watch/escalation.ts'
import type { AlertView } from '#lib/domain/watch-views.ts'
import { alertName, objectOf } from './alert-words.ts'

/** What is wrong, what it means, and the one thing to do first; since when, and who has it. The whole row leads to the alert. */
export function AlertRow({ alert }: { alert: AlertView }) {
  const object = objectOf(alert)
  return (
    <li className="relative grid gap-x-5 gap-y-2 border-t border-line px-4 py-3.5 first:border-t-0 hover:bg-hover sm:px-[18px] lg:grid-cols-[124px_minmax(0,1fr)_minmax(150px,220px)]">
      <div className="flex flex-wrap items-start gap-2 lg:flex-col">
        <AlertSeverityBadge severity={alert.severity} over={alert.state === 'resolved'} />
        <Marks alert={alert} />
      </div>
      <div className="min-w-0">
        <h3 className="m-0 text-base">
          <Link href={`/alerts/${alert.id}`} quiet stretched>
            {alertName(alert)}
          </Link>
        </h3>
        <p className="m-0 max-w-[80ch] [overflow-wrap:anywhere]">{alert.words}</p>
        <p className="m-0 max-w-[80ch] text-sm text-ink-2 [overflow-wrap:anywhere]">{alert.means}</p>
        {alert.state === 'resolved' ? (
          <p className="m-0 mt-1 max-w-[80ch] text-sm [overflow-wrap:anywhere]">
            <span className="text-ink-3">How it ended: </span>
            {alert.resolution ?? 'unknown'}
          </p>
        ) : (
          <p className="m-0 mt-1 flex max-w-[80ch] items-start gap-1.5 [overflow-wrap:anywhere]">
            <ArrowRight aria-hidden className="mt-1 size-3.5 shrink-0 text-accent" />
            <span>
              <span className="text-ink-3">First: </span>
              {alert.firstStep.href === null ? (
                alert.firstStep.words
              ) : (
                <Link href={alert.firstStep.href} className="above">
                  {alert.firstStep.words}
                </Link>
              )}
            </span>
          </p>
        )}
      </div>
      <dl className="m-0 grid content-start gap-y-1 text-sm max-lg:grid-cols-2 max-lg:gap-x-4 max-sm:grid-cols-1">
        <Fact term={alert.state === 'resolved' ? 'Began' : 'Since'}>
          <Time at={alert.openedAt} />
        </Fact>
        {alert.resolvedAt !== null && (
          <Fact term="Over">
            <Time at={alert.resolvedAt} />
          </Fact>
        )}
        <Fact term="Object">
          {object === null ? (
            'Lifeboat itself'
          ) : object.href === null ? (
            object.name
          ) : (
            <Link href={object.href} quiet className="above font-normal!">
              {object.name}
            </Link>
          )}
        </Fact>
        {alert.escalated !== null && alert.state !== 'resolved' && (
          <Fact term="Called">
            {levelTitles[alert.escalated.level]}, <Time at={alert.escalated.at} />
          </Fact>
        )}
        {alert.acknowledged !== null && (
          <Fact term="Taken on by">
            {alert.acknowledged.name}, <Time at={alert.acknowledged.at} />
          </Fact>
        )}
      </dl>
    </li>
  )
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="inline text-ink-3">{term}: </dt>
      <dd className="m-0 inline [overflow-wrap:anywhere]">{children}</dd>
    </div>
  )
}

/** What else is so of it; most alerts have none of these. */
export function Marks({ alert }: { alert: AlertView }) {
  const unseen = isUnseen(alert, useNow())
  return (
    <>
      {alert.state !== 'open' && <AlertStateBadge state={alert.state} />}
      {alert.silenced !== null && (
        <Chip tone="idle" icon={VolumeX}>
          silenced
        </Chip>
      )}
      {unseen && (
        <Chip tone="none" icon={EyeOff}>
          not seen lately
        </Chip>
      )}
    </>
  )
}
