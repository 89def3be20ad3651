'use client'

import { Hash, Lock, Mail, Webhook } from 'lucide-react'
import { useState } from 'react'
import { CheckReport } from '#components/follow/check-report.tsx'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Chip } from '#components/ui/chip.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { pauseChannel, removeChannel, resumeChannel, testChannel } from '#lib/client/telling.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { ChannelMessages } from './channel-messages.tsx'
import { kindWords, routingWords, stateOf } from './channel-words.ts'

const icons = { slack: Hash, email: Mail, webhook: Webhook } satisfies Record<ChannelView['kind'], typeof Hash>

/** One channel: where it leads, what it hears of, whether it works, and what can be done. */
export function ChannelCard({ channel, denied, onChange }: { channel: ChannelView; denied: string | null; onChange: () => void }) {
  const [tested, setTested] = useState<string | null>(null)
  const refresh = useRefresh()
  const test = useStart(
    (key) => testChannel(channel.id, key),
    ({ operationId }) => setTested(operationId),
  )
  const state = stateOf(channel)
  const Icon = icons[channel.kind]
  return (
    <article aria-label={`Channel ${channel.name}`} className="flex flex-col gap-2 px-4 py-3.5 sm:px-[18px]">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 lg:flex-nowrap">
        <div className="min-w-0">
          <h3 className="m-0 text-base font-semibold [overflow-wrap:anywhere]">
            <Icon aria-hidden className="mr-2 inline-block size-4 align-[-2px] text-ink-3" />
            {channel.name}{' '}
            <Chip tone={state.tone} icon={state.icon} className="ml-1">
              {state.word}
            </Chip>{' '}
            {channel.origin === 'environment' && (
              <Chip tone="idle" icon={Lock}>
                from the environment
              </Chip>
            )}
          </h3>
          <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">
            {kindWords[channel.kind]}, {channel.place}. {routingWords(channel)}
          </p>
        </div>
        <Acts channel={channel} denied={denied} onChange={onChange} onTest={() => void test.start()} testing={test.pending} />
      </div>
      <State channel={channel} />
      <Refusal problem={test.problem} />
      {tested !== null && <CheckReport id={tested} subject={channel.name} onEnd={refresh} />}
      {channel.messages.length > 0 && <ChannelMessages messages={channel.messages} />}
    </article>
  )
}

function State({ channel }: { channel: ChannelView }) {
  const waits = channel.waiting === 0 ? null : ` ${formatCount(channel.waiting, 'message waits', 'messages wait')}.`
  return (
    <div className="text-sm text-ink-2 [overflow-wrap:anywhere]">
      {channel.failingSince !== null ? (
        <p className="m-0 font-[550] text-bad">
          It fails, first <Time at={channel.failingSince} />. {channel.problem}
          {waits}
        </p>
      ) : (
        <p className="m-0">
          Last message that arrived: <Time at={channel.lastOkAt} />.{waits}
        </p>
      )}
      {channel.privateAllowed && <p className="m-0">It may lead into a private network, without encryption: somebody has consented to that.</p>}
      {!channel.speaksAlone && <p className="m-0">While no worker lives it is silent: the console cannot open its address.</p>}
    </div>
  )
}

function Acts(props: { channel: ChannelView; denied: string | null; onChange: () => void; onTest: () => void; testing: boolean }) {
  const { channel, denied, onChange, onTest, testing } = props
  const [removing, setRemoving] = useState(false)
  const refresh = useRefresh()
  const paused = channel.pausedAt !== null
  const toggle = useStart(
    (_key) => (paused ? resumeChannel(channel.id) : pauseChannel(channel.id)),
    () => {
      say(
        paused ? `${channel.name} is told again` : `${channel.name} is paused`,
        paused ? {} : { detail: 'What happens meanwhile is not told afterwards.' },
      )
      refresh()
    },
  )
  const own = channel.origin === 'environment' ? 'It is made from the environment: change its variable there.' : denied
  return (
    <div className="flex shrink-0 flex-wrap gap-2">
      <Button size="small" reason={denied} pending={testing} onPress={onTest}>
        Test
      </Button>
      <Button size="small" reason={own} onPress={onChange}>
        Change
      </Button>
      <Button size="small" variant="plain" reason={denied} pending={toggle.pending} onPress={() => void toggle.start()}>
        {paused ? 'Resume' : 'Pause'}
      </Button>
      <Button size="small" variant="plain" reason={own} onPress={() => setRemoving(true)}>
        Remove
      </Button>
      <AlertDialog
        isOpen={removing}
        onOpenChange={setRemoving}
        title={`Remove the channel ${channel.name}?`}
        confirm="Remove the channel"
        onConfirm={async () => {
          await removeChannel(channel.id)
          say(`The channel ${channel.name} was removed`)
          refresh()
        }}
      >
        <p className="m-0">
          Nothing is told through it to {channel.place} any more.{' '}
          {channel.waiting > 0 && `${formatCount(channel.waiting, 'message that waits is', 'messages that wait are')} dropped.`}
        </p>
      </AlertDialog>
    </div>
  )
}
