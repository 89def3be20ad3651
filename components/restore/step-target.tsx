'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { problemOfTargetName, suggestTargetName } from '#lib/domain/target-name.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { actOf, wayOf } from './acts.ts'
import { ServerCards } from './server-cards.tsx'
import { StepActions } from './step-actions.tsx'
import { type Way, type WizardAddress, wizardHref } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  role: Role
  source: DatabaseView
  /** null: a clone takes the live database */
  backup: BackupView | null
  databases: DatabaseView[]
}

const wholeWays = {
  new: {
    title: 'Into a new database, beside the live one',
    detail: 'Nothing that exists is changed. You point the application at it, or copy from it.',
  },
  replace: {
    title: 'In the live database’s place, with undo',
    detail: 'Restored beside it and compared first; then both change places by renaming. The old one is kept, and can be swapped back.',
  },
  in_place: {
    title: 'Into the live database itself',
    detail: 'For servers where no database can be created. One transaction, behind a verified safety backup; it cannot be swapped back.',
  },
} satisfies Partial<Record<Way, { title: string; detail: string }>>
type WholeWay = keyof typeof wholeWays

const undoChoices = ['24', '72', '168', '336'] as const

/** In which way the whole database comes back, and where to. */
export function StepTarget({ address, role, source, backup, databases }: Props) {
  const router = useRouter()
  const now = useNow()
  const chosen = wayOf(address)
  const [way, setWay] = useState<WholeWay>(chosen === 'replace' || chosen === 'in_place' ? chosen : 'new')
  const [server, setServer] = useState(address.server ?? source.id)
  const [name, setName] = useState(address.name ?? suggestTargetName(source.dbname, backup?.createdAt ?? new Date(now).toISOString()))
  const [undo, setUndo] = useState(String(address.undo))
  const cloning = actOf(address) === 'clone'
  const overwriting = address.happened === 'database' && way !== 'new'
  const onServer = databases.find((one) => one.id === server) ?? source
  const problem = overwriting ? null : problemOfTargetName(name, onServer.reachable === false ? null : onServer.dbname)
  const overwriteDenied = allows(role, 'restore.overwrite') ? null : reasonDenied('restore.overwrite')

  function goOn() {
    const next: Way = cloning ? 'clone' : address.happened === 'database' ? way : 'new'
    const elsewhere = server === source.id ? null : server
    const where = overwriting ? { name: null, server: null, undo: Number(undo) } : { name, server: elsewhere }
    router.push(wizardHref(address, 'dry-run', { way: next, ...where }))
  }

  return (
    <>
      {address.happened === 'database' && (
        <Panel className="mb-4">
          <RadioCards
            label="How should it come back?"
            value={way}
            onChange={setWay}
            options={(Object.keys(wholeWays) as WholeWay[]).map((value) => ({
              value,
              ...wholeWays[value],
              reason: value === 'new' ? null : overwriteDenied,
            }))}
          />
        </Panel>
      )}
      {overwriting ? (
        <Panel
          title={`It writes over ${source.dbname} on ${source.host}:${source.port}`}
          say="A safety backup of it is taken and read back first. If that fails, nothing is changed."
        >
          {way === 'replace' ? (
            <Select
              label="Keep the old database, to swap back, for"
              value={undo}
              onChange={setUndo}
              options={[...new Set<string>([...undoChoices, undo])].map((hours) => ({ value: hours, label: hoursWords(Number(hours)) }))}
              help="It needs the room of a second database on that server for so long, and is dropped at the end."
              className="max-w-80"
            />
          ) : (
            <p className="m-0 text-ink-2">The dry run lists every live object that depends on what is replaced, and asks what to do with it.</p>
          )}
        </Panel>
      ) : (
        <Panel
          title="Where to?"
          say={
            cloning
              ? 'The clone is a new database. The source is only read.'
              : 'The restore makes a new database. Nothing that exists is changed or overwritten.'
          }
        >
          <div className="grid gap-5 lg:grid-cols-2">
            <ServerCards source={source} databases={databases} role={role} value={server} onChange={setServer} />
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
        </Panel>
      )}
      <StepActions>
        <LinkButton href={wizardHref(address, cloning ? 'happened' : 'point')}>Back</LinkButton>
        <Button variant="primary" reason={problem} onPress={goOn}>
          Go on to the dry run
        </Button>
      </StepActions>
    </>
  )
}

export function hoursWords(hours: number): string {
  return hours % 24 === 0 ? `${hours / 24} ${hours === 24 ? 'day' : 'days'} (${hours} h)` : `${hours} h`
}
