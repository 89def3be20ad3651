'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { OperationProgress } from '#components/follow/operation-progress.tsx'
import { planOf } from '#components/follow/plan-of.ts'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { OverwriteDialog } from '#components/restore/overwrite-dialog.tsx'
import { PlanTables } from '#components/restore/plan-tables.tsx'
import { Button } from '#components/ui/button.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { undoSwap } from '#lib/client/mutations.ts'
import { useOperation } from '#lib/client/operation-stream.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { isFinished } from '#lib/domain/states.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'

/** Swap back comes after a look at what was written since; dropping the kept database is a step of its own. */
export function KeptActions({ swap, role }: { swap: SwapView; role: Role }) {
  const router = useRouter()
  const [look, setLook] = useState<string | null>(null)
  const [passed, setPassed] = useState(false)
  const [asking, setAsking] = useState<'swap_back' | 'drop' | null>(null)
  const planDenied = allows(role, 'restore.plan') ? null : reasonDenied('restore.plan')
  const denied = allows(role, 'restore.undo') ? null : reasonDenied('restore.undo')
  const dry = useStart(
    (key) => undoSwap(swap.operationId, { act: 'swap_back', dryRun: true }, key),
    ({ operationId }) => {
      setPassed(false)
      setLook(operationId)
    },
  )
  const swapReason = denied ?? (look === null ? 'Look first at what was written since.' : passed ? null : 'The look has not ended well yet.')

  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button variant={look === null ? 'primary' : 'secondary'} reason={planDenied} pending={dry.pending} onPress={() => void dry.start()}>
          {look === null ? 'See what was written since' : 'Look again'}
        </Button>
        <Button variant={swapReason === null ? 'danger' : 'secondary'} reason={swapReason} onPress={() => setAsking('swap_back')}>
          Swap back
        </Button>
        <Button variant="plain" reason={denied} onPress={() => setAsking('drop')}>
          Drop the kept database
        </Button>
      </div>
      <Refusal problem={dry.problem} />
      {look !== null && <Written key={look} id={look} onPlan={setPassed} />}
      <OverwriteDialog
        isOpen={asking === 'swap_back'}
        onOpenChange={(open) => setAsking(open ? 'swap_back' : null)}
        title={`Swap ${swap.liveName} back?`}
        target={swap.liveName}
        confirm="Swap back"
        start={async (confirmation, key) => {
          const { operationId } = await undoSwap(swap.operationId, { act: 'swap_back', confirmation, dryRun: false }, key)
          router.push(`/operations/${operationId}`)
        }}
      >
        <p className="m-0">
          {swap.keptName} becomes {swap.liveName} again. Everyone is disconnected for a moment. The database that is live now is kept in turn, with
          what was written since the swap.
        </p>
      </OverwriteDialog>
      <OverwriteDialog
        isOpen={asking === 'drop'}
        onOpenChange={(open) => setAsking(open ? 'drop' : null)}
        title={`Drop ${swap.keptName} for good?`}
        target={swap.keptName}
        confirm="Drop the kept database"
        start={async (confirmation, key) => {
          const { operationId } = await undoSwap(swap.operationId, { act: 'drop', confirmation, dryRun: false }, key)
          router.push(`/operations/${operationId}`)
        }}
      >
        <p className="m-0">
          It frees its room on {swap.place}. After that nothing can be swapped back. The live database {swap.liveName} stays as it is.
        </p>
      </OverwriteDialog>
    </>
  )
}

/** The dry run of swapping back: what stands in the way, and what was written since the swap. */
function Written({ id, onPlan }: { id: string; onPlan: (passed: boolean) => void }) {
  const live = useOperation(id)
  const operation = live.data
  const plan = planOf(operation)
  const passed = plan !== null && !plan.blocked
  useEffect(() => onPlan(passed), [passed, onPlan])
  if (operation === undefined) return null
  if (plan === null || !isFinished(operation.state)) {
    return (
      <div className="mt-3">
        <OperationProgress operation={operation} polling={live.liveness === 'polling'} />
      </div>
    )
  }
  return (
    <section aria-label="What was written since the swap" className="-mx-4 mt-3 border-t border-line sm:-mx-[18px]">
      <FindingList findings={plan.findings} />
      {plan.tables.length > 0 && <PlanTables tables={plan.tables} />}
    </section>
  )
}
