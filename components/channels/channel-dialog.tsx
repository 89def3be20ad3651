'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { addChannel, changeChannel, type MadeChannel } from '#lib/client/telling.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { type ChannelFields, changeOf, fieldsOf, missingIn, newChannel } from './channel-fields.ts'
import { kindWords } from './channel-words.ts'
import { MailFields } from './mail-fields.tsx'
import { RoutingFields } from './routing-fields.tsx'

interface Props {
  /** the one that is changed; null: a new one */
  channel: ChannelView | null
  databases: readonly { id: string; name: string }[]
  onClose: () => void
  /** after it was saved */
  onMade: (made: MadeChannel) => void
}

/** Set up a channel or change it. Mounted while it is open. */
export function ChannelDialog(props: Props) {
  const title = props.channel === null ? 'Add a channel' : `Change the channel ${props.channel.name}`
  return (
    <Dialog isOpen onOpenChange={(open) => !open && props.onClose()} title={title} width="max-w-[680px]">
      <ChannelForm {...props} />
    </Dialog>
  )
}

function ChannelForm({ channel, databases, onClose, onMade }: Props) {
  const [fields, setFields] = useState<ChannelFields>(() => fieldsOf(channel))
  const set = (change: Partial<ChannelFields>) => setFields((before) => ({ ...before, ...change }))
  const refresh = useRefresh()
  const change = channel === null ? null : changeOf(fields, channel)
  const unchanged = change !== null && Object.keys(change).length === 0
  const reason = missingIn(fields, channel === null) ?? (unchanged ? 'Nothing was changed yet.' : null)
  const save = useStart(
    (_key) => (channel === null ? addChannel(newChannel(fields)) : changeChannel(channel.id, changeOf(fields, channel))),
    (made) => {
      say(channel === null ? `The channel ${fields.name.trim()} was added` : `The channel ${fields.name.trim()} was changed`, {
        detail: 'Press its test button: the true answer is shown.',
      })
      refresh()
      onMade(made)
      onClose()
    },
  )
  const fault = (field: string) => save.problem?.fields?.[field] ?? null
  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) void save.start()
      }}
    >
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {channel === null && (
          <Select
            label="Kind"
            value={fields.kind}
            onChange={(kind) => set({ kind })}
            options={[
              { value: 'slack', label: kindWords.slack, detail: 'an incoming webhook of a workspace' },
              { value: 'email', label: kindWords.email, detail: 'by a mail server, or sendmail' },
              { value: 'webhook', label: kindWords.webhook, detail: 'signed JSON to an address of yours' },
            ]}
          />
        )}
        <TextField
          label="Name"
          value={fields.name}
          onChange={(name) => set({ name })}
          error={fault('name')}
          required
          maxLength={80}
          placeholder="Operations"
        />
      </div>
      {fields.kind === 'email' ? (
        <MailFields fields={fields} set={set} fault={fault} isNew={channel === null} />
      ) : (
        <TextField
          label={channel === null ? 'Address' : 'New address'}
          value={fields.url}
          onChange={(url) => set({ url })}
          error={fault('url')}
          mono
          autoComplete="off"
          optional={channel !== null}
          placeholder={fields.kind === 'slack' ? 'https://hooks.slack.com/services/…' : 'https://example.com/lifeboat'}
          help={
            channel === null
              ? 'It is sealed at once: this console cannot read it again.'
              : `It leads to ${channel.place}. Leave this empty to keep it; ${fields.kind === 'webhook' ? 'with a new address comes a new signing key' : 'it cannot be shown'}.`
          }
        />
      )}
      <RoutingFields fields={fields} set={set} databases={[...databases, ...goneOf(channel)]} />
      <Checkbox checked={fields.privateAllowed} onChange={(privateAllowed) => set({ privateAllowed })}>
        It may lead into a private network or to this machine, without encryption
        <span className="block text-sm text-ink-2">
          Only for this channel. A cloud’s metadata and link-local addresses stay forbidden. Your password is asked for.
        </span>
      </Checkbox>
      <Refusal problem={save.problem} />
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" reason={reason} pending={save.pending}>
          {channel === null ? 'Add the channel' : 'Save the changes'}
        </Button>
      </DialogActions>
    </Form>
  )
}

/** What it was for and is on the list no more stays to be seen, and to be taken away. */
function goneOf(channel: ChannelView | null): { id: string; name: string }[] {
  return (channel?.databases ?? []).filter((one) => one.removed).map(({ id, name }) => ({ id, name: `${name} (taken off the list)` }))
}
