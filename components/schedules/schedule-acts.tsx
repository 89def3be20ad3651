'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { pauseSchedule, removeSchedule, resumeSchedule } from '#lib/client/keeping.ts'
import type { ScheduleView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { useRefresh } from '#components/follow/use-refresh.ts'

type Act = 'pause' | 'resume' | 'remove'

const acts = {
  pause: { run: pauseSchedule, verb: 'Pause', cancel: 'Keep it running', done: 'is paused' },
  resume: { run: resumeSchedule, verb: 'Resume', cancel: 'Keep it paused', done: 'runs again' },
  remove: { run: removeSchedule, verb: 'Remove', cancel: 'Keep it', done: 'was removed' },
} satisfies Record<Act, { run: (id: string) => Promise<unknown>; verb: string; cancel: string; done: string }>

/** What can be done with one schedule. Each act that changes what is owed asks first. */
export function ScheduleActs({ schedule, role, onRuns, onChange }: { schedule: ScheduleView; role: Role; onRuns: () => void; onChange: () => void }) {
  const [asking, setAsking] = useState<Act | null>(null)
  const refresh = useRefresh()
  const denied = allows(role, 'schedule.write') ? null : reasonDenied('schedule.write')
  const name = `the ${schedule.tier} schedule of ${schedule.database.name}`
  const toggle = schedule.pausedAt === null ? 'pause' : 'resume'
  const shown = asking ?? toggle
  return (
    <div className="above -my-1 flex flex-wrap max-sm:-ml-2 sm:justify-end xl:flex-nowrap">
      <Button size="small" variant="plain" label={`Runs of ${name}`} onPress={onRuns}>
        Runs
      </Button>
      <Button size="small" variant="plain" label={`Change ${name}`} reason={denied} onPress={onChange}>
        Change
      </Button>
      <Button size="small" variant="plain" label={`${acts[toggle].verb} ${name}`} reason={denied} onPress={() => setAsking(toggle)}>
        {acts[toggle].verb}
      </Button>
      <Button size="small" variant="plain" label={`Remove ${name}`} reason={denied} onPress={() => setAsking('remove')}>
        Remove
      </Button>
      <AlertDialog
        isOpen={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={`${acts[shown].verb} ${name}?`}
        confirm={`${acts[shown].verb} the schedule`}
        cancel={acts[shown].cancel}
        variant={shown === 'resume' ? 'primary' : 'danger'}
        onConfirm={async () => {
          await acts[shown].run(schedule.id)
          say(`T${name.slice(1)} ${acts[shown].done}`)
          refresh()
        }}
      >
        <p className="m-0">{consequence(shown, schedule)}</p>
      </AlertDialog>
    </div>
  )
}

function consequence(act: Act, schedule: ScheduleView): string {
  const { tier, database } = schedule
  if (act === 'pause')
    return `No ${tier} backup of ${database.name} is made or owed until it is resumed. Backups that exist stay as long as the rules say.`
  if (act === 'resume') return `The next ${tier} backup of ${database.name} is made at its next moment. What fell into the pause is not made up for.`
  return `No ${tier} backup of ${database.name} is made by itself any more. The ${tier} backups that exist stay as long as the rules say.`
}
