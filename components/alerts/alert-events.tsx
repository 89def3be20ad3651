import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { toneText } from '#components/ui/chip.tsx'
import { eventLook } from '#components/watch/looks.tsx'
import { formatCount } from '#lib/domain/units.ts'
import type { AlertDetail } from '#lib/domain/watch-views.ts'

/** What became of it, newest first: also who was told, and what the other side answered. */
export function AlertEvents({ events, older }: { events: AlertDetail['events']; older: number }) {
  return (
    <Panel title="History" flush>
      <ol aria-label="History, newest first" className="m-0 list-none p-0">
        {events.toReversed().map((event, at) => {
          const { icon: Icon, tone, word } = eventLook(event.kind)
          return (
            <li
              key={`${older + events.length - at} ${event.at}`}
              className="grid grid-cols-[18px_minmax(0,1fr)] gap-2.5 border-t border-line px-4 py-2.5 first:border-t-0 sm:grid-cols-[18px_minmax(0,1fr)_auto] sm:px-[18px]"
            >
              <Icon aria-hidden className={`mt-0.5 size-4 ${toneText[tone]}`} />
              <p className="m-0 min-w-0 max-w-[75ch] [overflow-wrap:anywhere]">
                {word !== '' && <span className="font-[550]">{word}</span>}
                {event.name !== 'Lifeboat' && <span className="text-ink-2"> by {event.name}</span>}
                {event.words !== '' && <span className={word === '' ? undefined : 'block text-ink-2'}>{event.words}</span>}
              </p>
              <span className="text-sm text-ink-2 max-sm:col-start-2">
                <Time at={event.at} />
              </span>
            </li>
          )
        })}
        {older > 0 && <li className="border-t border-line px-4 py-2.5 text-ink-2 sm:px-[18px]">{formatCount(older, 'older line')} not shown.</li>}
        {events.length === 0 && <li className="px-4 pb-4 text-ink-2 sm:px-[18px]">Nothing is on record.</li>}
      </ol>
    </Panel>
  )
}
