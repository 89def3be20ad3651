'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { startRestore } from '#lib/client/mutations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { restoreCommand } from '#lib/domain/shell-commands.ts'
import { formatBytes, formatCount, formatDuration, formatUtc } from '#lib/domain/units.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { StepActions } from './step-actions.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  backup: BackupView
  plan: Plan
  /** where it goes, if not to the source's own server */
  server: DatabaseView | null
  /** why this person may not start it; null: may */
  denied: string | null
}

const roleWords = {
  create: 'Are created without a password and cannot log in.',
  drop_grants: 'Owners and privileges are left out: everything will belong to the role that connects.',
}

/** The last look before something is written. The name of the target is typed, so that nobody restores to a place by habit. */
export function StepConfirm({ address, backup, plan, server, denied }: Props) {
  const router = useRouter()
  const target = address.name ?? ''
  const [typed, setTyped] = useState('')
  const restore = useStart(
    (key) =>
      startRestore(
        {
          backupId: backup.id,
          targetDbname: target,
          serverDatabaseId: address.server,
          missingRoles: address.roles,
          force: address.force,
          dryRun: false,
          fingerprint:
            plan.target === null ? null : { host: plan.target.host, port: plan.target.port, systemIdentifier: plan.target.systemIdentifier },
        },
        key,
      ),
    ({ operationId }) => router.push(wizardHref(address, 'result', { operation: operationId })),
  )
  const reason = denied ?? (typed === target ? null : `Type ${target} to confirm.`)

  return (
    <>
      <Panel title={`Restore ${backup.database.name} into ${target}?`}>
        <Facts
          items={[
            { term: 'As of', value: formatUtc(backup.createdAt, true) },
            {
              term: 'Makes',
              value: `${formatCount(plan.tables.length, 'table')}, ${formatCount(backup.rows, 'row')}, ${formatBytes(backup.rawBytes)}`,
            },
            { term: 'Overwrites', value: 'Nothing. The restore refuses to start if a database of this name exists by then.' },
            address.roles === 'refuse' ? null : { term: 'Missing roles', value: roleWords[address.roles] },
            address.force ? { term: 'Overridden', value: 'What the dry run would have stopped at and lets be overridden.' } : null,
            { term: 'Takes', value: plan.estimatedSeconds === null ? 'No evidence yet' : `About ${formatDuration(plan.estimatedSeconds)}` },
            { term: 'If it fails', value: 'What this attempt made is removed again; the backup and the live database stay as they are.' },
            { term: 'Undo', value: 'Drop the new database by hand; the result shows the statement.' },
          ]}
        />
        <form
          className="mt-4 max-w-md"
          onSubmit={(event) => {
            event.preventDefault()
            if (reason === null) void restore.start()
          }}
        >
          <TextField label={`Type ${target} to confirm`} value={typed} onChange={setTyped} mono autoComplete="off" />
        </form>
        <p className="m-0 mt-4 mb-1 text-sm text-ink-2">The same from a shell:</p>
        <CopyLine
          text={restoreCommand(backup.name, target, { dryRun: false, server, roles: address.roles, force: address.force })}
          what="the command"
        />
      </Panel>
      <div className="mt-4">
        <Refusal problem={restore.problem} />
      </div>
      <StepActions>
        <LinkButton href={wizardHref(address, 'dry-run')}>Back</LinkButton>
        <Button variant="primary" reason={reason} pending={restore.pending} onPress={() => void restore.start()}>
          Restore into the new database
        </Button>
      </StepActions>
    </>
  )
}
