'use client'

import { Hourglass } from 'lucide-react'
import { useState } from 'react'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { Chip, wrappingChip } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { say } from '#components/ui/toaster.tsx'
import { setRule } from '#lib/client/keeping.ts'
import { keepWords, type ScheduledTier, scheduledTiers } from '#lib/domain/keep.ts'
import type { RetentionRuleView } from '#lib/domain/keeping-views.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import { formatRelative, formatUtc } from '#lib/domain/units.ts'
import { draftOf, inheritedAt, type Place, placeKey, placesIn, samePlace } from './draft-rules.ts'
import { type Named, placeWords } from './place-names.ts'

interface Props {
  rules: RetentionRuleView[]
  databases: Named[]
  storages: Named[]
  role: Role
}

const placeOf = (rule: RetentionRuleView): Place => ({ databaseId: rule.database?.id ?? null, storageId: rule.storage?.id ?? null })

/** The rules in force: places down, tiers across; what waits to become shorter, and taking it back. */
export function RulesPanel({ rules, databases, storages, role }: Props) {
  const [withdrawn, setWithdrawn] = useState<RetentionRuleView | null>(null)
  const refresh = useRefresh()
  const draft = draftOf(rules)
  const denied = allows(role, 'retention.write') ? null : reasonDenied('retention.write')
  const latest = rules.reduce<RetentionRuleView | null>((last, one) => (last === null || one.changedAt > last.changedAt ? one : last), null)

  const cell = (place: Place, tier: ScheduledTier) => {
    const rule = rules.find((one) => one.tier === tier && samePlace(placeOf(one), place))
    if (rule !== undefined) return <RuleCell rule={rule} denied={denied} onWithdraw={() => setWithdrawn(rule)} />
    const inherited = inheritedAt(draft, place, tier)
    return <span className="text-ink-3">{inherited === null ? 'no rule: all stay' : keepWords(inherited)}</span>
  }

  return (
    <Panel
      title="How long backups stay"
      say="Counted in periods that hold a verified backup: days without one use nothing up, so nothing empties after an outage. The most precise rule decides."
      aside={
        denied === null ? (
          <LinkButton size="small" href="/retention?part=simulator">
            Change the rules
          </LinkButton>
        ) : (
          <Button size="small" reason={denied}>
            Change the rules
          </Button>
        )
      }
      flush
    >
      <DataTable
        caption="Retention rules in force"
        rows={placesIn([{ databaseId: null, storageId: null }, ...draft])}
        rowKey={placeKey}
        columns={[
          {
            id: 'place',
            header: 'Where',
            className: 'sm:w-[34%]',
            primary: true,
            cell: (place) => <span className="font-semibold">{placeWords(place, databases, storages)}</span>,
          },
          ...scheduledTiers.map((tier) => ({ id: tier, header: tier, cell: (place: Place) => cell(place, tier) })),
        ]}
      />
      {latest !== null && (
        <p className="m-0 border-t border-line px-4 py-2.5 text-sm text-ink-2 sm:px-[18px]">
          Last changed <Time at={latest.changedAt} /> by {latest.changedName}. Manual and imported backups stay until a person deletes them.
        </p>
      )}
      <AlertDialog
        isOpen={withdrawn !== null}
        onOpenChange={(open) => !open && setWithdrawn(null)}
        title={`Withdraw the shorter ${withdrawn?.tier ?? ''} rule?`}
        confirm="Withdraw the shorter rule"
        cancel="Let it come"
        variant="primary"
        onConfirm={async () => {
          if (withdrawn === null) return
          await setRule({ ...placeOf(withdrawn), tier: withdrawn.tier, keep: withdrawn.keep })
          say(`The ${withdrawn.tier} rule stays at ${keepWords(withdrawn.keep)}`)
          refresh()
        }}
      >
        <p className="m-0">
          {withdrawn !== null &&
            `${placeWords(placeOf(withdrawn), databases, storages)}: ${withdrawn.tier} backups go on staying ${keepWords(withdrawn.keep)}. Nothing was deleted by the shorter rule yet.`}
        </p>
      </AlertDialog>
    </Panel>
  )
}

function RuleCell({ rule, denied, onWithdraw }: { rule: RetentionRuleView; denied: string | null; onWithdraw: () => void }) {
  const now = useNow()
  return (
    <>
      <span className="font-semibold whitespace-nowrap">{keepWords(rule.keep)}</span>
      {rule.pending !== null && (
        <span className="mt-1 flex flex-col items-start gap-1">
          <Chip tone="warn" icon={Hourglass} className={wrappingChip}>
            {rule.pending.keep === null ? 'goes away' : keepWords(rule.pending.keep)} {formatRelative(rule.pending.from, now)}
          </Chip>
          <span className="text-sm text-ink-2">from {formatUtc(rule.pending.from)}</span>
          <Button size="small" label={`Withdraw the shorter ${rule.tier} rule`} reason={denied} onPress={onWithdraw}>
            Withdraw
          </Button>
        </span>
      )}
    </>
  )
}
