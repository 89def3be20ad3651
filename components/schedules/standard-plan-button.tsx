'use client'

import { CalendarCheck } from 'lucide-react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, type ButtonVariant } from '#components/ui/button.tsx'
import { say } from '#components/ui/toaster.tsx'
import { applyStandardPlan } from '#lib/client/keeping.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { standardPlanWords } from './standard-plan-words.ts'
import { useRefresh } from '#components/follow/use-refresh.ts'

/** The standard plan in one act: the tiers that the database has already stay as they are. */
export function StandardPlanButton(props: {
  database: { id: string; name: string }
  role: Role
  label?: string
  /** the name where several of these buttons stand on a page; begins with the label's words */
  name?: string
  variant?: ButtonVariant
  size?: 'normal' | 'small'
}) {
  const { database, role, label = 'Protect with the standard plan', name, variant = 'primary', size = 'normal' } = props
  const refresh = useRefresh()
  const apply = useStart(
    (_key) => applyStandardPlan(database.id),
    () => {
      say(`${database.name} follows the standard plan`, { detail: standardPlanWords })
      refresh()
    },
  )
  return (
    <span className="inline-flex flex-col gap-2">
      <Button
        variant={variant}
        size={size}
        {...(name === undefined ? {} : { label: name })}
        icon={<CalendarCheck aria-hidden />}
        reason={allows(role, 'schedule.write') ? null : reasonDenied('schedule.write')}
        pending={apply.pending}
        onPress={() => void apply.start()}
      >
        {label}
      </Button>
      <Refusal problem={apply.problem} />
    </span>
  )
}
