'use client'

import { useQuery } from '@tanstack/react-query'
import { BellOff, Plus } from 'lucide-react'
import { useState } from 'react'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { channelsQuery } from '#lib/client/queries.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { ChannelCard } from './channel-card.tsx'
import { ChannelDialog } from './channel-dialog.tsx'
import { silenceWords, stateOf } from './channel-words.ts'

/** Who is told, what of, and whether it arrives. */
export function Channels(props: { channels: ChannelView[]; databases: readonly { id: string; name: string }[]; role: Role }) {
  const { data: channels } = useQuery({ ...channelsQuery(), initialData: props.channels })
  const [editing, setEditing] = useState<ChannelView | 'new' | null>(null)
  const [signingKey, setSigningKey] = useState<string | null>(null)
  const denied = allows(props.role, 'watch.write') ? null : reasonDenied('watch.write')
  const working = channels.filter((one) => stateOf(one).word === 'works').length
  const silence = silenceWords(channels, props.databases)
  usePageTitle('Channels · Settings')
  const add = (
    <Button variant="primary" icon={<Plus aria-hidden />} reason={denied} onPress={() => setEditing('new')}>
      Add a channel
    </Button>
  )
  return (
    <div className="flex flex-col gap-[18px]">
      {signingKey !== null && <SigningKey text={signingKey} onSeen={() => setSigningKey(null)} />}
      {silence !== null && (
        <Problem tone="warn" title={silence}>
          They stand on the page of alerts, and only who looks there sees them. Resume a channel, or change what one hears of.
        </Problem>
      )}
      <Panel
        title={channels.length === 0 ? 'No channel is set up' : `${working} of ${formatCount(channels.length, 'channel works', 'channels work')}`}
        aside={channels.length === 0 ? undefined : add}
        say={
          channels.length === 0
            ? undefined
            : 'A channel that fails changes nothing but itself: backups go on, and its messages are tried for three days.'
        }
        flush
      >
        {channels.length === 0 ? (
          <EmptyState icon={BellOff} title="Nobody is told when something goes wrong" action={add}>
            Alerts stand on the page of alerts, and only who looks there sees them. Set up Slack, e-mail or a webhook, and press its test button.
          </EmptyState>
        ) : (
          <ul className="m-0 list-none divide-y divide-line p-0">
            {channels.map((channel) => (
              <li key={channel.id}>
                <ChannelCard channel={channel} denied={denied} onChange={() => setEditing(channel)} />
              </li>
            ))}
          </ul>
        )}
      </Panel>
      {editing !== null && (
        <ChannelDialog
          channel={editing === 'new' ? null : editing}
          databases={props.databases}
          onClose={() => setEditing(null)}
          onMade={(made) => setSigningKey(made.signingKey)}
        />
      )}
    </div>
  )
}

/** With it the other side proves that a message came from here; told this once. */
function SigningKey({ text, onSeen }: { text: string; onSeen: () => void }) {
  return (
    <Problem
      tone="warn"
      alert
      title="The signing key of this webhook is shown once. Copy it now."
      action={<Button onPress={onSeen}>I have copied it</Button>}
    >
      <p className="m-0 mb-2">
        Each message carries Lifeboat-Signature: t=seconds,v1=hex. It is HMAC-SHA256 over the seconds, a dot and the body, with this key.
      </p>
      <CopyLine text={text} what="the signing key" />
    </Problem>
  )
}
