import { CircleCheck, Clock, type LucideIcon, OctagonX } from 'lucide-react'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import type { Topic } from '#lib/domain/watch/message.ts'
import type { AlertDetail } from '#lib/domain/watch-views.ts'

type Told = AlertDetail['told'][number]

const toldLook = {
  waiting: { tone: 'warn', icon: Clock, word: 'waits' },
  sent: { tone: 'ok', icon: CircleCheck, word: 'sent' },
  given_up: { tone: 'bad', icon: OctagonX, word: 'given up' },
} satisfies Record<Told['state'], { tone: Tone; icon: LucideIcon; word: string }>

const topicWords = {
  alert: 'of the alert',
  recovered: 'that it is over',
  backup_succeeded: 'of a backup',
  backup_failed: 'of a failed backup',
  restore: 'of a restore',
  digest: 'in the digest',
  escalation: 'as the next to answer',
  test: 'as a test',
} satisfies Record<Topic, string>

/** Who was told, through which channel, and what the other side answered. */
export function AlertTold({ alert }: { alert: Pick<AlertDetail, 'told'> }) {
  const { told } = alert
  return (
    <Panel title="Who was told" flush>
      {told.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">
          Nobody: no channel hears of it. <Link href="/settings?part=channels">Channels</Link>
        </p>
      ) : (
        <ul aria-label="Who was told" className="m-0 list-none p-0">
          {told.map((one, at) => {
            const { tone, icon, word } = toldLook[one.state]
            return (
              <li key={`${at} ${one.at}`} className="border-t border-line px-4 py-2.5 first:border-t-0 sm:px-[18px]">
                <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1">
                  <span className="min-w-0 [overflow-wrap:anywhere]">
                    <span className="font-[550]">{one.channel}</span>
                    {one.recipient !== null && <span className="text-ink-2"> to {one.recipient}</span>}
                    <span className="text-ink-2">, {topicWords[one.topic]}</span>
                  </span>
                  <Chip tone={tone} icon={icon}>
                    {word}
                  </Chip>
                </div>
                <p className="m-0 text-sm text-ink-2 [overflow-wrap:anywhere]">
                  <Time at={one.at} />
                  {one.answer !== null && one.answer !== '' && <> · {one.answer}</>}
                </p>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}
