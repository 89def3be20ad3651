'use client'

import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { checkHref } from '#components/checks/check-href.ts'
import { formatCount } from '#lib/domain/units.ts'
import { levelTitles } from '#lib/domain/watch/escalation.ts'
import type { AlertDetail } from '#lib/domain/watch-views.ts'
import { objectOf } from './alert-words.ts'

export function AlertFacts({ alert }: { alert: AlertDetail }) {
  const object = objectOf(alert)
  return (
    <Panel title="How it stands">
      <Facts
        items={[
          {
            term: 'Object',
            value: object === null ? 'Lifeboat itself' : object.href === null ? object.name : <Link href={object.href}>{object.name}</Link>,
          },
          { term: 'Check', value: <Link href={checkHref(alert)}>{alert.title}: its history</Link> },
          { term: 'Open since', value: <Time at={alert.openedAt} as="utc" /> },
          { term: 'Seen last', value: <Time at={alert.seenAt} /> },
          alert.resolvedAt === null ? null : { term: 'Over', value: <Time at={alert.resolvedAt} as="utc" /> },
          alert.flaps === 0 ? null : { term: 'Came back', value: `${formatCount(alert.flaps, 'time')} before it was steady` },
          {
            term: 'Taken on',
            value:
              alert.acknowledged === null ? (
                alert.state === 'resolved' ? (
                  'by nobody'
                ) : (
                  'by nobody yet'
                )
              ) : (
                <>
                  by {alert.acknowledged.name}, <Time at={alert.acknowledged.at} />
                  {alert.acknowledged.note !== '' && <span className="block text-ink-2">“{alert.acknowledged.note}”</span>}
                </>
              ),
          },
          alert.silenced === null
            ? null
            : {
                term: 'Silenced',
                value: (
                  <>
                    until <Time at={alert.silenced.until} as="utc" /> by {alert.silenced.name}
                    {alert.silenced.reason !== '' && <span className="block text-ink-2">“{alert.silenced.reason}”</span>}
                  </>
                ),
              },
          alert.escalated === null
            ? null
            : {
                term: 'Escalated',
                value: (
                  <>
                    to {levelTitles[alert.escalated.level]}, <Time at={alert.escalated.at} />
                  </>
                ),
              },
          alert.state === 'resolved' ? null : { term: 'Who is told next', value: <Next alert={alert} /> },
        ]}
      />
    </Panel>
  )
}

function Next({ alert }: { alert: AlertDetail }) {
  const now = useNow()
  const next = alert.nextEscalation
  if (next !== null) {
    return (
      <>
        {levelTitles[next.level]}
        {next.names.length > 0 && ` (${next.names.join(', ')})`}, {Date.parse(next.at) <= now ? 'due now' : <Time at={next.at} />}
      </>
    )
  }
  if (alert.acknowledged !== null) return <>Nobody: somebody has it</>
  if (alert.severity === 'warning') return <>Nobody: only critical alerts go on to a contact</>
  return (
    <>
      Nobody: no level with a contact is left. <Link href="/settings?part=contacts">Contacts</Link>
    </>
  )
}
