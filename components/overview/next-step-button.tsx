'use client'

import { LinkButton } from '#components/ui/button.tsx'
import type { NextStep } from '#lib/domain/overview-verdict.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { StandardPlanButton } from '#components/schedules/standard-plan-button.tsx'
import { StartBackupsButton } from './start-backups-button.tsx'

/** The one next step; absent where there is nothing to do. */
export function NextStepButton({ next, role }: { next: NextStep; role: Role }) {
  switch (next.kind) {
    case 'back_up':
      return (
        <StartBackupsButton
          variant="primary"
          databases={[{ id: next.databaseId, name: next.database }]}
          role={role}
          label={`Back up ${next.database} now`}
        />
      )
    case 'schedule':
      return (
        <StandardPlanButton
          database={{ id: next.databaseId, name: next.database }}
          role={role}
          label={`Protect ${next.database} with the standard plan`}
        />
      )
    case 'nothing':
      return null
    default: {
      const { href, label } = linkOf(next)
      return (
        <LinkButton variant="primary" href={href}>
          {label}
        </LinkButton>
      )
    }
  }
}

function linkOf(next: Exclude<NextStep, { kind: 'back_up' | 'schedule' | 'nothing' }>): { href: string; label: string } {
  switch (next.kind) {
    case 'add_database':
      return { href: '/databases/new', label: 'Add a database' }
    case 'add_storage':
      return { href: '/storages/new', label: 'Add a storage' }
    case 'start_worker':
      return { href: '/settings?part=workers', label: 'See how to start a worker' }
    case 'see_connection':
      return { href: `/databases/${next.databaseId}`, label: `See why ${next.database} is not reachable` }
    case 'see_failure':
      return { href: `/operations/${next.operationId}`, label: `See why the backup of ${next.database} failed` }
    case 'watch':
      return { href: `/operations/${next.operationId}`, label: `Watch: ${next.title}` }
    case 'look_at_storages':
      return { href: '/storages', label: 'Look at the storages' }
    case 'verify':
      return { href: `/backups?databaseId=${next.databaseId}`, label: `Verify a backup of ${next.database}` }
    case 'recovery_key':
      return { href: '/settings?part=recovery-key', label: 'Save the recovery key' }
    case 'storage_elsewhere':
      return { href: '/storages/new', label: 'Add a storage on another machine' }
    case 'answer_alert':
      return { href: `/alerts/${next.alertId}`, label: `See what to do: ${next.title}` }
    case 'add_channel':
      return { href: '/settings?part=channels', label: 'Say who is told when something goes wrong' }
    case 'rehearse':
      return { href: `/restore?happened=look&database=${next.databaseId}&step=point`, label: `Rehearse a restore of ${next.database}` }
  }
}
