'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { runbookHref } from '#components/runbooks/runbook-href.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { formatRelative } from '#lib/domain/units.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { StepActions } from './step-actions.tsx'
import { type Situation, situations, type Way, type WizardAddress, wizardHref } from './wizard-address.ts'

const situationWords = {
  table: {
    title: 'One table is wrong or was emptied',
    detail: 'The table comes back beside the live one, or its rows are put back. Nothing else is touched.',
  },
  database: {
    title: 'The database is gone or damaged',
    detail: 'The whole database comes back as a new one, or takes the live one’s place and can be swapped back.',
  },
  look: {
    title: 'I want to look at an earlier state',
    detail: 'The whole database comes back beside the live one, which stays as it is. Copy what you miss, then drop it.',
  },
  move: {
    title: 'It must move, or be copied to another server',
    detail: 'An emergency clone streams the live database as it is now; or a backup is restored on the other server.',
  },
  everything: {
    title: 'The whole system is gone',
    detail: 'The server, or Lifeboat’s own machine. The runbook goes through it step by step, with the real names.',
  },
} satisfies Record<Situation, { title: string; detail: string }>

export function StepHappened({ address, databases }: { address: WizardAddress; databases: DatabaseView[] }) {
  const router = useRouter()
  const now = useNow()
  const [happened, setHappened] = useState<Situation | null>(address.happened)
  const [live, setLive] = useState(address.way !== 'new')
  const restorable = databases.filter((one) => one.newestRestorableAt !== null)
  const clones = happened === 'move' && live
  const [database, setDatabase] = useState(address.database ?? (restorable.length === 1 ? (restorable[0]?.id ?? null) : null))
  const chosen = databases.find((one) => one.id === database) ?? null
  const usable = (one: DatabaseView) => clones || one.newestRestorableAt !== null
  const missing =
    happened === null
      ? 'Choose what happened first.'
      : chosen === null
        ? 'Choose the database first.'
        : usable(chosen)
          ? null
          : 'It has no backup that can be restored yet.'

  function goOn() {
    const same = database === address.database && happened === address.happened
    const way: Way | null = happened === 'move' ? (live ? 'clone' : 'new') : same ? address.way : null
    const forgotten = same ? {} : { name: null, server: null, schema: null, table: null, ...(database === address.database ? {} : { backup: null }) }
    router.push(wizardHref(address, clones ? 'target' : 'point', { happened, database, way, ...forgotten }))
  }

  return (
    <>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel>
          <RadioCards
            label="What happened?"
            value={happened}
            onChange={setHappened}
            options={situations.map((value) => ({ value, ...situationWords[value] }))}
          />
        </Panel>
        <div className="flex flex-col gap-4">
          {happened === 'move' && (
            <Panel>
              <RadioCards
                label="From what?"
                value={live ? 'live' : 'backup'}
                onChange={(from) => setLive(from === 'live')}
                options={[
                  {
                    value: 'live',
                    title: 'From the live database, as it is now',
                    detail: 'An emergency clone: nothing is stored in between. The live database must answer.',
                  },
                  { value: 'backup', title: 'From a backup', detail: 'Also when the live database does not answer any more.' },
                ]}
              />
            </Panel>
          )}
          <Panel>
            <RadioCards
              label="To which database?"
              value={database}
              onChange={setDatabase}
              options={databases
                .toSorted((a, b) => Number(usable(b)) - Number(usable(a)))
                .map((one) => ({
                  value: one.id,
                  title: one.name,
                  detail: `${one.dbname} on ${one.host}:${one.port}${one.newestRestorableAt === null ? '' : ` · newest restorable point ${formatRelative(one.newestRestorableAt, now)}`}`,
                  reason: usable(one) ? null : 'It has no backup that can be restored yet.',
                }))}
            />
          </Panel>
        </div>
      </div>
      <StepActions>
        {happened === 'everything' && chosen !== null ? (
          <LinkButton variant="primary" href={runbookHref('everything', chosen.id)}>
            Open the runbook
          </LinkButton>
        ) : (
          <Button variant="primary" reason={missing} onPress={goOn}>
            {clones ? 'Go on to the target' : 'Go on to the point'}
          </Button>
        )}
      </StepActions>
    </>
  )
}
