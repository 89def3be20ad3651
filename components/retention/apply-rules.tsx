'use client'

import { useRouter } from 'next/navigation'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { say } from '#components/ui/toaster.tsx'
import { removeRule, setRule } from '#lib/client/keeping.ts'
import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { formatCount, formatUtc } from '#lib/domain/units.ts'
import { changeWords, type RuleChange } from './draft-rules.ts'
import { type Named, placeWords } from './place-names.ts'
import { verdictOf } from './simulation-words.ts'

interface Props {
  changes: readonly RuleChange[]
  view: SimulationView | null
  inForce: SimulationView | undefined
  databases: readonly Named[]
  storages: readonly Named[]
  delayHours: number
  onClose: () => void
}

/** Every change in words, when it acts, and what it does; then it is applied rule by rule. Mounted while it is open. */
export function ApplyRules({ changes, view, inForce, databases, storages, delayHours, onClose }: Props) {
  const refresh = useRefresh()
  const router = useRouter()
  const shorter = changes.some((one) => one.shorter)
  const from = view?.actsFrom ?? null

  async function apply() {
    try {
      for (const { place, tier, after, removes } of changes) {
        if (removes !== null) await removeRule(removes)
        else if (after !== null) await setRule({ ...place, tier, keep: after })
      }
    } finally {
      // also where a later one was refused: the first may hold by now
      refresh()
    }
    const acts = from === null ? `in ${formatCount(delayHours, 'hour')}` : `from ${formatUtc(from)}`
    say(
      changes.length === 1 ? 'The rule was changed' : `${formatCount(changes.length, 'rule')} were changed`,
      shorter ? { detail: `What became shorter acts ${acts}.` } : {},
    )
    router.push('/retention')
  }

  return (
    <AlertDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={changes.length === 1 ? 'Apply the changed rule?' : `Apply ${formatCount(changes.length, 'changed rule')}?`}
      confirm={changes.length === 1 ? 'Apply the change' : 'Apply the changes'}
      cancel="Leave the rules as they are"
      variant={shorter ? 'danger' : 'primary'}
      onConfirm={apply}
      width="max-w-[620px]"
    >
      <ul className="m-0 mb-3 flex list-none flex-col gap-1.5 p-0">
        {changes.map((change) => (
          <li key={`${change.place.databaseId} ${change.place.storageId} ${change.tier}`} className="[overflow-wrap:anywhere]">
            <span className="font-semibold text-ink">
              {change.tier}: {changeWords(change)}
            </span>{' '}
            {change.shorter && <span className="font-[550] text-warn">shorter</span>}
            <span className="block text-sm">{placeWords(change.place, databases, storages)}</span>
          </li>
        ))}
      </ul>
      {shorter && (
        <p className="m-0 mb-2 font-semibold text-ink">
          {from === null
            ? `What becomes shorter acts ${formatCount(delayHours, 'hour')} from now.`
            : `What becomes shorter acts from ${formatUtc(from)}, ${formatCount(delayHours, 'hour')} from now.`}{' '}
          Until then it can be withdrawn under Retention.
        </p>
      )}
      {view !== null && <p className="m-0">On the history as it stands: {verdictOf(view, inForce)}</p>}
    </AlertDialog>
  )
}
