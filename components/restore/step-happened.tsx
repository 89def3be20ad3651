'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { RadioCards } from '#components/ui/radio-cards.tsx'
import { formatRelative } from '#lib/domain/units.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { StepActions } from './step-actions.tsx'
import { type Situation, situations, type WizardAddress, wizardHref } from './wizard-address.ts'

const situationWords = {
  lost: {
    title: 'The database is gone or damaged',
    detail: 'The whole database comes back as a new one. Once it is compared and whole, point your application at it.',
  },
  wrong: {
    title: 'Some data is wrong or was deleted',
    detail: 'The whole database comes back beside the live one, which stays as it is. Copy the rows you miss from it.',
  },
  look: {
    title: 'I want to look at an earlier state',
    detail: 'The whole database comes back beside the live one. Drop it when you have seen enough.',
  },
} satisfies Record<Situation, { title: string; detail: string }>

export function StepHappened({ address, databases }: { address: WizardAddress; databases: DatabaseView[] }) {
  const router = useRouter()
  const now = useNow()
  const restorable = databases.filter((one) => one.newestRestorableAt !== null)
  const [happened, setHappened] = useState<Situation | null>(address.happened)
  const [database, setDatabase] = useState(address.database ?? (restorable.length === 1 ? (restorable[0]?.id ?? null) : null))
  const missing = happened === null ? 'Choose what happened first.' : database === null ? 'Choose the database first.' : null

  function goOn() {
    const sameDatabase = database === address.database
    router.push(wizardHref(address, 'point', { happened, database, ...(sameDatabase ? {} : { backup: null, server: null, name: null }) }))
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
        <Panel>
          <RadioCards
            label="To which database?"
            value={database}
            onChange={setDatabase}
            options={[...restorable, ...databases.filter((one) => one.newestRestorableAt === null)].map((one) => ({
              value: one.id,
              title: one.name,
              detail: `${one.dbname} on ${one.host}:${one.port}${one.newestRestorableAt === null ? '' : ` · newest restorable point ${formatRelative(one.newestRestorableAt, now)}`}`,
              reason: one.newestRestorableAt === null ? 'It has no backup that can be restored yet.' : null,
            }))}
          />
        </Panel>
      </div>
      <StepActions>
        <Button variant="primary" reason={missing} onPress={goOn}>
          Go on to the point
        </Button>
      </StepActions>
    </>
  )
}
