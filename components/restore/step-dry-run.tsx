'use client'

import { useRouter } from 'next/navigation'
import { OperationProgress } from '#components/follow/operation-progress.tsx'
import { planOf } from '#components/follow/plan-of.ts'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { startAct } from '#lib/client/mutations.ts'
import { useOperation } from '#lib/client/operation-stream.ts'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { requestOf } from './act-request.ts'
import { type Act, actOf, actWords } from './acts.ts'
import { PlanReport } from './plan-report.tsx'
import { StepActions } from './step-actions.tsx'
import { type WizardAddress, wizardHref } from './wizard-address.ts'

interface Props {
  address: WizardAddress
  /** the dry run from a shell; null: there are no words for it */
  command: string | null
  /** why this person may not make one; null: may */
  denied: string | null
  /** the dry run for these answers; null: none was made yet */
  dryRun: OperationDetail | null
}

const checks = {
  new: 'It reaches the server, reads the backup’s table of contents, and checks everything that could stop the restore.',
  replace: 'It also looks at the live database: who is connected and would be disconnected, and what would stop it from being renamed.',
  in_place: 'It also reads the live database’s definitions, and lists what depends on everything that is replaced.',
  table_beside: 'It reads only the table of contents, and checks what of the table can stand alone.',
  table_replace: 'It reads the table from the backup and compares it with the live one, row by row, and lists what depends on it.',
  clone: 'It reaches both servers and checks everything that could stop the clone.',
} satisfies Record<Act, string>

/** Tries everything that can be tried without writing, as a real operation, and shows what it found. */
export function StepDryRun({ address, command, denied, dryRun }: Props) {
  const router = useRouter()
  const dry = useStart(
    (key, change: Partial<WizardAddress>) =>
      startAct(requestOf({ ...address, ...change }, null), key).then(({ operationId }) =>
        wizardHref(address, 'dry-run', { ...change, plan: operationId }),
      ),
    (href) => router.push(href),
  )

  if (dryRun !== null) {
    return <DryRunResult key={dryRun.id} address={address} command={command} denied={denied} dryRun={dryRun} again={dry} />
  }
  return (
    <>
      <Panel title="The dry run writes nothing" say={checks[actOf(address)]}>
        <Button variant="primary" reason={denied} pending={dry.pending} onPress={() => void dry.start({})}>
          Start the dry run
        </Button>
      </Panel>
      <Refusal problem={dry.problem} />
      <StepActions>
        <LinkButton href={wizardHref(address, 'target')}>Back</LinkButton>
      </StepActions>
    </>
  )
}

function DryRunResult(
  props: Omit<Props, 'dryRun'> & {
    dryRun: OperationDetail
    again: { start: (change: Partial<WizardAddress>) => Promise<void>; pending: boolean; problem: Parameters<typeof Refusal>[0]['problem'] }
  },
) {
  const { address, command, denied, dryRun, again } = props
  const live = useOperation(dryRun.id, dryRun)
  const operation = live.data ?? dryRun
  const plan = planOf(operation)
  const ended = isFinished(operation.state)
  const reason = !ended
    ? 'The dry run has not ended yet.'
    : plan === null
      ? 'The dry run did not succeed.'
      : plan.blocked
        ? `Something stops this ${actWords[actOf(address)].noun}: see above.`
        : null

  return (
    <>
      {plan === null || !ended ? (
        <Panel title={ended ? 'The dry run did not succeed' : 'The dry run is under way'} say={ended ? 'Nothing was written.' : 'It writes nothing.'}>
          <OperationProgress operation={operation} polling={live.liveness === 'polling'} logLines={ended ? 8 : 4} />
        </Panel>
      ) : (
        <PlanReport plan={plan} command={command} address={address} decide={again.start} deciding={again.pending} denied={denied} />
      )}
      <div className="mt-4">
        <Refusal problem={again.problem} />
      </div>
      <StepActions>
        <LinkButton href={wizardHref(address, 'target')}>Back</LinkButton>
        <Button pending={again.pending} onPress={() => void again.start({})} reason={denied ?? (ended ? null : 'The dry run has not ended yet.')}>
          Run it again
        </Button>
        {reason === null ? (
          <LinkButton variant="primary" href={wizardHref(address, 'confirm')}>
            Go on to confirm
          </LinkButton>
        ) : (
          <Button variant="primary" reason={reason}>
            Go on to confirm
          </Button>
        )}
      </StepActions>
    </>
  )
}
