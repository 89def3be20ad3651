'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo } from 'react'
import { Button } from '#components/ui/button.tsx'
import { ComboBox } from '#components/ui/combo-box.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { ApiError } from '#lib/client/api.ts'
import { schedulePreviewQuery } from '#lib/client/queries.ts'
import type { ScheduledTier } from '#lib/domain/keep.ts'
import { NextRuns } from './next-runs.tsx'
import { presets } from './schedule-presets.ts'
import { timeZones } from './time-zones.ts'

/** Of what is typed: what is wrong with which field, and whether it may be saved. `reason` null: it may. */
export function useCron(cron: string, timeZone: string) {
  const typed = useDeferredValue(cron)
  const preview = useQuery({ ...schedulePreviewQuery(typed, timeZone), placeholderData: keepPreviousData })
  const problem = preview.error instanceof ApiError ? preview.error.problem : null
  const zoneError = problem?.fields?.timeZone ?? null
  const cronError = problem === null ? null : (problem.fields?.cron ?? (zoneError === null ? `${problem.title} ${problem.remedy}`.trim() : null))
  const current = typed === cron && !preview.isPlaceholderData && preview.isSuccess
  const reason =
    cron.trim() === ''
      ? 'Say when it runs.'
      : problem !== null
        ? 'Mend the time first: see above.'
        : current
          ? null
          : 'The next runs are being worked out.'
  return { shown: cron.trim() === '' || problem !== null ? null : (preview.data ?? null), cronError, zoneError, reason }
}

/** When it runs: presets, the expression, the zone, and at once what that means. */
export function CronFields(props: {
  tier: ScheduledTier
  cron: string
  timeZone: string
  onChange: (change: { cron?: string; timeZone?: string }) => void
  state: ReturnType<typeof useCron>
}) {
  const { tier, cron, timeZone, onChange, state } = props
  const zones = useMemo(() => timeZones(timeZone), [timeZone])
  return (
    <>
      <div className="flex flex-col gap-2">
        <TextField
          label="When, as a cron expression"
          value={cron}
          onChange={(value) => onChange({ cron: value })}
          error={state.cronError}
          mono
          help="Minute, hour, day of the month, month, day of the week."
        />
        <div role="group" aria-label="Often wanted" className="flex flex-wrap gap-1.5">
          {presets[tier].map((preset) => (
            <Button key={preset.cron} size="small" onPress={() => onChange({ cron: preset.cron })}>
              {preset.label}
            </Button>
          ))}
        </div>
      </div>
      <ComboBox
        label="Time zone"
        value={timeZone}
        onChange={(value) => onChange({ timeZone: value })}
        options={zones}
        error={state.zoneError}
        help="A time that a change of the clocks skips or repeats runs exactly once."
      />
      <section aria-label="Next five runs" className="rounded-[7px] border border-line bg-panel-2 px-3 py-2.5">
        <p className="m-0 mb-1.5 font-semibold" role="status">
          {state.shown === null ? 'The next five runs appear here.' : state.shown.words}
        </p>
        {state.shown !== null && <NextRuns next={state.shown.next} timeZone={state.shown.timeZone} />}
      </section>
    </>
  )
}
