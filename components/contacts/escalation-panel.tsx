'use client'

import { useState } from 'react'
import { Form } from 'react-aria-components'
import { Refusal } from '#components/follow/refusal.tsx'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Checkbox } from '#components/ui/checkbox.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { say } from '#components/ui/toaster.tsx'
import { setEscalation } from '#lib/client/telling.ts'
import { type EscalationLevel, escalationLevels, type EscalationPolicy, levelTitles } from '#lib/domain/watch/escalation.ts'
import type { ContactView } from '#lib/domain/watch-views.ts'

/** After how many minutes without an answer each level is told. */
export function EscalationPanel({ policy, denied, contacts }: { policy: EscalationPolicy; denied: string | null; contacts: readonly ContactView[] }) {
  const [on, setOn] = useState(policy.on)
  const [minutes, setMinutes] = useState(() => Object.fromEntries(escalationLevels.map((level) => [level, String(policy.minutes[level])])))
  const refresh = useRefresh()
  const typed = { on, minutes: numbersOf(minutes) }
  const wrong =
    typed.minutes === null
      ? 'Minutes are whole numbers, from 0 to 10080.'
      : isRising(typed.minutes)
        ? null
        : 'Each level comes no earlier than the one before.'
  const unchanged = JSON.stringify(typed) === JSON.stringify({ on: policy.on, minutes: policy.minutes })
  const reason = denied ?? wrong ?? (unchanged ? 'Nothing was changed yet.' : null)
  const save = useStart(
    (_key) => setEscalation({ on, minutes: typed.minutes ?? policy.minutes }),
    () => {
      say('The escalation was changed')
      refresh()
    },
  )
  return (
    <Panel
      title={policy.on ? 'Escalation' : 'Escalation is switched off'}
      say="A critical alert that nobody acknowledges goes on to the next level. “Database reachable” starts at once: every later level moves up by as much."
    >
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null) void save.start()
        }}
      >
        <Checkbox checked={on} onChange={setOn} disabled={denied !== null}>
          Tell the next level when nobody answers
        </Checkbox>
        <div className="grid gap-4 sm:grid-cols-4">
          {escalationLevels.map((level) => (
            <TextField
              key={level}
              label={levelTitles[level]}
              value={minutes[level] ?? ''}
              onChange={(value) => setMinutes((before) => ({ ...before, [level]: value }))}
              inputMode="numeric"
              readOnly={denied !== null}
              help={
                contacts.some((one) => one.level === level) ? 'minutes after the alert' : 'minutes; nobody is at this level, so it is passed over'
              }
            />
          ))}
        </div>
        <Refusal problem={save.problem} />
        <div className="flex justify-end">
          <Button type="submit" reason={reason} pending={save.pending}>
            Save the escalation
          </Button>
        </div>
      </Form>
    </Panel>
  )
}

/** null: one of them is no number of minutes */
function numbersOf(typed: Record<string, string>): Record<EscalationLevel, number> | null {
  const numbers = escalationLevels.map((level) => (/^\d{1,5}$/.test(typed[level]?.trim() ?? '') ? Number(typed[level]) : null))
  const [dba, devops, cto, external] = numbers
  const whole = (one: number | null | undefined): one is number => typeof one === 'number' && one <= 10_080
  return whole(dba) && whole(devops) && whole(cto) && whole(external) ? { dba, devops, cto, external } : null
}

function isRising({ dba, devops, cto, external }: Record<EscalationLevel, number>): boolean {
  return dba <= devops && devops <= cto && cto <= external
}
