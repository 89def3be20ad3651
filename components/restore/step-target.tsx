'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { problemOfTargetName, suggestTargetName } from '#lib/domain/target-name.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { StepActions } from './step-actions.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  role: Role
  source: DatabaseView
  backup: BackupView
  databases: DatabaseView[]
}

/** Where the new database is made: on the source's own server, or on the server of another registered database. */
export function StepTarget({ address, role, source, backup, databases }: Props) {
  const router = useRouter()
  const [server, setServer] = useState(address.server ?? source.id)
  const [name, setName] = useState(address.name ?? suggestTargetName(source.dbname, backup.createdAt))
  const elsewhere = allows(role, 'restore.elsewhere') ? null : reasonDenied('restore.elsewhere')
  const others = otherServers(source, databases)
  const sourceOnServer = server === source.id ? source : (others.find((one) => one.id === server) ?? source)
  const problem = problemOfTargetName(name, sourceOnServer.dbname)

  return (
    <>
      <Panel title="Where to?" say="The restore makes a new database. Nothing that exists is changed or overwritten.">
        <div className="grid gap-5 lg:grid-cols-2">
          <RadioCards
            label="Server"
            value={server}
            onChange={setServer}
            options={[
              {
                value: source.id,
                title: `${source.host}:${source.port}`,
                detail: `The server of ${source.name} itself.${source.reachable === false ? ' It was not reachable when last tried.' : ''}`,
              },
              ...others.map((one) => ({
                value: one.id,
                title: `${one.host}:${one.port}`,
                detail: `The server of ${one.name}. The data leaves its own server; this is recorded.${one.reachable === false ? ' It was not reachable when last tried.' : ''}`,
                reason: elsewhere,
              })),
            ]}
          />
          <TextField
            label="Name of the new database"
            value={name}
            onChange={setName}
            error={problem}
            mono
            maxLength={200}
            help="The dry run checks that no database has this name yet."
          />
        </div>
        {others.length === 0 && (
          <p className="m-0 mt-3 text-sm text-ink-2">To restore onto another server, an admin first registers a database on it under Databases.</p>
        )}
      </Panel>
      <StepActions>
        <LinkButton href={wizardHref(address, 'point')}>Back</LinkButton>
        <Button
          variant="primary"
          reason={problem}
          onPress={() => router.push(wizardHref(address, 'dry-run', { name, server: server === source.id ? null : server }))}
        >
          Go on to the dry run
        </Button>
      </StepActions>
    </>
  )
}

/** One registered database for each server that is not the source's. */
function otherServers(source: DatabaseView, databases: DatabaseView[]): DatabaseView[] {
  const seen = new Set([`${source.host}:${source.port}`])
  return databases.filter((one) => {
    const place = `${one.host}:${one.port}`
    if (seen.has(place)) return false
    seen.add(place)
    return true
  })
}
