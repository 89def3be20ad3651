'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogActions } from '#components/ui/dialog.tsx'
import { Select } from '#components/ui/select.tsx'
import { say } from '#components/ui/toaster.tsx'
import { addSchedule, changeSchedule } from '#lib/client/keeping.ts'
import { type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { CronFields, useCron } from './cron-fields.tsx'
import { cronFor, presets } from './schedule-presets.ts'
import { StorageOrder } from './storage-order.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'

interface Named {
  id: string
  name: string
}
interface Props {
  /** the one that is changed; null: a new one */
  schedule: ScheduleView | null
  database: Named
  /** tiers that the database has already */
  taken: readonly ScheduledTier[]
  storages: readonly Named[]
  onClose: () => void
}

/** Make a schedule or change it, with what it means as it is typed. Mounted while it is open. */
export function ScheduleDialog({ schedule, database, taken, storages, onClose }: Props) {
  const title = schedule === null ? `Add a schedule for ${database.name}` : `Change the ${schedule.tier} schedule of ${database.name}`
  return (
    <Dialog isOpen onOpenChange={(open) => !open && onClose()} title={title} width="max-w-[620px]">
      <ScheduleForm schedule={schedule} database={database} taken={taken} storages={storages} onClose={onClose} />
    </Dialog>
  )
}

function ScheduleForm({ schedule, database, taken, storages, onClose }: Props) {
  const free = scheduledTiers.filter((one) => !taken.includes(one))
  const [tier, setTier] = useState<ScheduledTier>(schedule?.tier ?? free[0] ?? 'daily')
  const [cron, setCron] = useState(schedule?.cron ?? presets[tier][0]?.cron ?? '')
  const [timeZone, setTimeZone] = useState(schedule?.timeZone ?? 'UTC')
  const [storageIds, setStorageIds] = useState<string[]>(schedule?.storages.map((one) => one.id) ?? [])
  const refresh = useRefresh()
  const state = useCron(cron, timeZone)
  const unchanged =
    schedule !== null &&
    cron.trim() === schedule.cron &&
    timeZone === schedule.timeZone &&
    storageIds.join(' ') === schedule.storages.map((one) => one.id).join(' ')
  const reason = unchanged ? 'Nothing was changed yet.' : state.reason

  const save = useStart(
    (_key) => {
      const body = { cron: cron.trim(), timeZone, storageIds }
      return schedule === null ? addSchedule({ databaseId: database.id, tier, ...body }) : changeSchedule(schedule.id, body)
    },
    () => {
      say(schedule === null ? `${database.name} has a ${tier} schedule` : `The ${tier} schedule of ${database.name} was changed`)
      refresh()
      onClose()
    },
  )

  return (
    <Form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === null) void save.start()
      }}
    >
      {schedule === null && (
        <Select
          label="Tier"
          value={tier}
          onChange={(chosen) => {
            setTier(chosen)
            setCron(cronFor(chosen, cron))
          }}
          options={free.map((one) => ({ value: one, label: one }))}
          help={taken.length === 0 ? 'How long its backups stay follows from the tier: see Retention.' : `It has already: ${taken.join(', ')}.`}
        />
      )}
      <CronFields
        tier={tier}
        cron={cron}
        timeZone={timeZone}
        state={state}
        onChange={(change) => {
          if (change.cron !== undefined) setCron(change.cron)
          if (change.timeZone !== undefined) setTimeZone(change.timeZone)
        }}
      />
      <StorageOrder storages={storages} chosen={storageIds} onChange={setStorageIds} />
      <Refusal problem={save.problem} />
      <DialogActions>
        <Button onPress={onClose}>Close</Button>
        <Button type="submit" variant="primary" pending={save.pending} reason={reason}>
          {schedule === null ? 'Add the schedule' : 'Change the schedule'}
        </Button>
      </DialogActions>
    </Form>
  )
}
