import { DataTable } from '#components/ui/data-table.tsx'
import { Time } from '#components/ui/time.tsx'
import type { ChannelView } from '#lib/domain/watch-views.ts'

type Message = ChannelView['messages'][number]

const became = { waiting: 'waits', sent: 'arrived', given_up: 'given up' } satisfies Record<Message['state'], string>

/** What it was told last, and what became of that. */
export function ChannelMessages({ messages }: { messages: readonly Message[] }) {
  return (
    <details>
      <summary className="cursor-pointer text-sm text-ink-2">Last messages</summary>
      <DataTable
        caption="Last messages"
        rows={[...messages]}
        rowKey={(message) => String(message.id)}
        columns={[
          { id: 'title', header: 'Message', primary: true, cell: (message) => <span className="[overflow-wrap:anywhere]">{message.title}</span> },
          { id: 'at', header: 'When', cell: (message) => <Time at={message.sentAt ?? message.createdAt} /> },
          {
            id: 'state',
            header: 'What became of it',
            cell: (message) => (
              <span className={message.state === 'sent' ? '' : 'text-warn'}>
                {became[message.state]}
                {message.state !== 'sent' && message.answer !== null && <span className="block text-sm text-ink-2">{message.answer}</span>}
              </span>
            ),
          },
        ]}
      />
    </details>
  )
}
