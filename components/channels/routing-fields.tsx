import { Checkbox } from '#components/ui/checkbox.tsx'
import { Select } from '#components/ui/select.tsx'
import { severities } from '#lib/domain/watch/check-kinds.ts'
import { chosenTopics } from '#lib/domain/watch/message.ts'
import type { ChannelFields } from './channel-fields.ts'
import { topicWords } from './channel-words.ts'

const severityLabels = { critical: 'Critical', warning: 'Warnings' }

/** What a channel hears of: kinds of news, severities, databases, and a digest. */
export function RoutingFields(props: {
  fields: ChannelFields
  set: (change: Partial<ChannelFields>) => void
  databases: readonly { id: string; name: string }[]
}) {
  const { fields, set, databases } = props
  const all = fields.databaseIds.length === 0
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <fieldset className="m-0 border-0 p-0">
        <legend className="p-0 text-sm font-[550]">Tell it of</legend>
        <div className="mt-1 flex flex-col gap-1.5">
          {chosenTopics.map((topic) => (
            <Checkbox key={topic} checked={fields.topics.includes(topic)} onChange={(on) => set({ topics: toggled(fields.topics, topic, on) })}>
              {topicWords[topic]}
            </Checkbox>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-col gap-4">
        <fieldset className="m-0 border-0 p-0">
          <legend className="p-0 text-sm font-[550]">Alerts that are</legend>
          <div className="mt-1 flex flex-wrap gap-x-5 gap-y-1.5">
            {severities.map((one) => (
              <Checkbox
                key={one}
                checked={fields.severities.includes(one)}
                onChange={(on) => set({ severities: toggled(fields.severities, one, on) })}
              >
                {severityLabels[one]}
              </Checkbox>
            ))}
          </div>
        </fieldset>
        <Select
          label="Digest"
          value={fields.digest}
          onChange={(digest) => set({ digest })}
          options={[
            { value: 'none', label: 'None' },
            { value: 'daily', label: 'Daily', detail: 'at 07:00 UTC' },
            { value: 'weekly', label: 'Weekly', detail: 'Mondays at 07:00 UTC' },
          ]}
        />
      </div>
      {(databases.length > 1 || !all) && (
        <fieldset className="m-0 border-0 p-0 sm:col-span-2">
          <legend className="p-0 text-sm font-[550]">Of which databases</legend>
          <p className="m-0 text-sm text-ink-2">
            {all ? 'Of every one, and of what belongs to none: storages, workers, keys.' : 'Only of these; not of storages, workers and keys.'}
          </p>
          <div className="mt-1 flex max-h-40 flex-wrap gap-x-5 gap-y-1.5 overflow-auto">
            {databases.map((one) => (
              <Checkbox
                key={one.id}
                checked={fields.databaseIds.includes(one.id)}
                onChange={(on) => set({ databaseIds: toggled(fields.databaseIds, one.id, on) })}
              >
                <span className="[overflow-wrap:anywhere]">{one.name}</span>
              </Checkbox>
            ))}
          </div>
        </fieldset>
      )}
    </div>
  )
}

function toggled<T>(list: readonly T[], one: T, on: boolean): T[] {
  return on ? [...list.filter((other) => other !== one), one] : list.filter((other) => other !== one)
}
