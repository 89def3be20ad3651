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
import { startAct } from '#lib/client/mutations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import type { BackupView, DatabaseView } from '#lib/domain/views.ts'
import { requestOf } from './act-request.ts'
import { actOf, actWords } from './acts.ts'
import { buttonOf, confirmFacts, questionOf } from './confirm-words.ts'
import { OverwriteDialog } from './overwrite-dialog.tsx'
import { StepActions } from './step-actions.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  source: DatabaseView
  /** null: a clone has none */
  backup: BackupView | null
  plan: Plan
  /** the same from a shell; null: there are no words for it */
  command: string | null
  /** why this person may not start it; null: may */
  denied: string | null
}

/** The last look before something is written. The name of the target is typed, so that nobody restores to a place by habit. */
export function StepConfirm({ address, source, backup, plan, command, denied }: Props) {
  const router = useRouter()
  const act = actOf(address)
  const { overwrites, namesNew } = actWords[act]
  const target = namesNew ? (address.name ?? '') : source.dbname
  const [typed, setTyped] = useState('')
  const [asking, setAsking] = useState(false)
  const begun = (operationId: string) => router.push(wizardHref(address, 'result', { operation: operationId }))
  const start = useStart(
    (key) => startAct(requestOf(address, { plan, typed: target }), key),
    ({ operationId }) => begun(operationId),
  )
  const needsTyping = namesNew
  const reason = denied ?? (needsTyping && typed !== target ? `Type ${target} to confirm.` : null)

  return (
    <>
      <Panel title={questionOf(address, source)}>
        <Facts items={confirmFacts(address, { source, backup, plan })} />
        {needsTyping && (
          <form
            className="mt-4 max-w-md"
            onSubmit={(event) => {
              event.preventDefault()
              if (reason === null) void start.start()
            }}
          >
            <TextField label={`Type ${target} to confirm`} value={typed} onChange={setTyped} mono autoComplete="off" />
          </form>
        )}
        {command !== null && (
          <>
            <p className="m-0 mt-4 mb-1 text-sm text-ink-2">The same from a shell:</p>
            <CopyLine text={command} what="the command" />
          </>
        )}
      </Panel>
      <div className="mt-4">
        <Refusal problem={start.problem} />
      </div>
      <StepActions>
        <LinkButton href={wizardHref(address, 'dry-run')}>Back</LinkButton>
        <Button
          variant={overwrites ? 'danger' : 'primary'}
          reason={reason}
          pending={start.pending}
          onPress={() => (overwrites ? setAsking(true) : void start.start())}
        >
          {buttonOf(address, source)}
        </Button>
      </StepActions>
      <OverwriteDialog
        isOpen={asking}
        onOpenChange={setAsking}
        title={questionOf(address, source)}
        target={target}
        confirm={buttonOf(address, source)}
        start={async (confirmation, key) => {
          begun((await startAct(requestOf(address, { plan, typed: confirmation }), key)).operationId)
        }}
      >
        <p className="m-0">
          {address.happened === 'table'
            ? `This writes into the live table in ${source.dbname} on ${source.host}:${source.port}.`
            : `This writes over ${source.dbname} on ${source.host}:${source.port}.`}{' '}
          A safety backup is taken and read back first; if that fails, nothing is changed.
        </p>
      </OverwriteDialog>
    </>
  )
}
