'use client'

import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { SimulatedBackup, SimulationView } from '#lib/domain/keeping-views.ts'
import { type Tier, tiers } from '#lib/domain/states.ts'
import { formatCount, formatDay } from '#lib/domain/units.ts'
import { describeFates, type Fate, fateOf, fateOrder, fateWords } from './fate-of.ts'

const laneHeight = 26

/** The history of each database on one line a tier; what goes differs in shape from what stays. The table below says the same. */
export function HistoryStrips({ view }: { view: SimulationView }) {
  const databases = [...new Map(view.backups.map((one) => [one.database.id, one.database])).values()].sort((a, b) => a.name.localeCompare(b.name))
  // a line a tier, each as long as its own history: on one scale for all, a month of daily backups would be a blot beside two years of monthly ones
  const firstOf = new Map<Tier, number>()
  for (const { tier, createdAt } of view.backups) firstOf.set(tier, Math.min(firstOf.get(tier) ?? Number.POSITIVE_INFINITY, Date.parse(createdAt)))
  return (
    <Panel
      title="On the history"
      say={`Each mark is a backup that goes or whose fate changes; each line runs from the day beside it to now.${view.more > 0 ? ` ${formatCount(view.more)} older ones are not drawn.` : ''}`}
      flush
    >
      <ul className="m-0 max-h-[480px] list-none overflow-auto p-0" tabIndex={0} aria-label="History of each database">
        {databases.map((database) => (
          <li
            key={database.id}
            className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0 sm:grid-cols-[minmax(120px,18%)_minmax(0,1fr)] sm:px-[18px]"
          >
            <Link href={`/databases/${database.id}`} quiet>
              {database.name}
            </Link>
            <Lanes
              backups={view.backups.filter((one) => one.database.id === database.id)}
              firstOf={firstOf}
              last={Date.parse(view.at)}
              name={database.name}
            />
          </li>
        ))}
      </ul>
      <ul
        aria-label="What the marks mean"
        className="m-0 flex list-none flex-wrap gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 text-xs text-ink-2 sm:px-[18px]"
      >
        {fateOrder.map((fate) => (
          <li key={fate} className="flex items-center gap-1.5">
            <svg aria-hidden width={8} height={laneHeight - 4}>
              <Mark fate={fate} x="4" />
            </svg>
            {fateWords[fate]}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Lanes(props: { backups: readonly SimulatedBackup[]; firstOf: ReadonlyMap<Tier, number>; last: number; name: string }) {
  const { backups, firstOf, last, name } = props
  const lanes = tiers.filter((tier) => backups.some((one) => one.tier === tier))
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      {lanes.map((tier) => {
        const of = backups.filter((one) => one.tier === tier)
        const first = firstOf.get(tier) ?? last
        const span = Math.max(last - first, 86_400_000)
        return (
          <div key={tier} className="flex items-center gap-2">
            <span className="w-32 shrink-0 text-xs whitespace-nowrap text-ink-3">
              {tier} from {formatDay(new Date(first))}
            </span>
            <svg
              role="img"
              aria-label={`${name}, ${tier}: ${describeFates(of)}`}
              width="100%"
              height={laneHeight - 2}
              className="block min-w-0 overflow-visible"
            >
              <line x1="0" x2="100%" y1={laneHeight - 4.5} y2={laneHeight - 4.5} stroke="var(--line)" />
              {of.map((one) => (
                <g key={one.id}>
                  <title>{`${one.name}: ${one.tried.words}`}</title>
                  <Mark fate={fateOf(one)} x={`${(((Date.parse(one.createdAt) - first) / span) * 100).toFixed(2)}%`} />
                </g>
              ))}
            </svg>
          </div>
        )
      })}
    </div>
  )
}

function Mark({ fate, x }: { fate: Fate; x: string }) {
  const common = { x, width: 3, rx: 1, transform: 'translate(-1.5 0)' }
  switch (fate) {
    case 'stays':
      return <rect {...common} y={5} height={17} fill="var(--idle)" opacity={0.55} />
    case 'longer':
      return <rect {...common} y={5} height={17} fill="var(--ok)" opacity={0.85} />
    case 'otherwise':
      return (
        <>
          <rect {...common} y={5} height={7} fill="var(--run)" />
          <rect {...common} y={14} height={8} fill="var(--run)" />
        </>
      )
    case 'sooner':
      return <rect {...common} y={12} height={10} fill="var(--warn-mark)" />
    case 'waits':
      return <rect {...common} y={5.5} height={16} fill="none" stroke="var(--idle)" strokeDasharray="2 1.5" />
    case 'goes':
    case 'goes_anyway': {
      const fill = fate === 'goes' ? 'var(--bad)' : 'var(--idle)'
      return (
        <>
          <rect {...common} y={7} height={15} fill={fill} />
          <rect {...common} y={2} height={3} fill={fill} />
        </>
      )
    }
  }
}
