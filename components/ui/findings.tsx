import { CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Finding } from '#lib/domain/plan.ts'
import { classes } from './classes.ts'
import { toneText } from './chip.tsx'
import { SeverityBadge, severityLook } from './state-badge.tsx'

const order = { blocker: 0, warning: 1, info: 2 } satisfies Record<Finding['severity'], number>

/** Findings with remedies, the gravest first. `decide`: controls for one finding, for instance how to treat missing roles. */
export function FindingList({ findings, decide }: { findings: readonly Finding[]; decide?: (finding: Finding) => ReactNode }) {
  const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity])
  return (
    <ul className="m-0 list-none p-0">
      {sorted.map((finding, index) => {
        const passed = finding.severity === 'info' && finding.remedy === ''
        const Icon = passed ? CircleCheck : severityLook[finding.severity].icon
        return (
          <li
            key={`${finding.code}-${index}`}
            className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-2.5 gap-y-1.5 border-t border-line px-4 py-3 first:border-t-0 sm:grid-cols-[20px_minmax(0,1fr)_auto] sm:px-[18px]"
          >
            <Icon aria-hidden className={classes('mt-0.5 size-4', passed ? 'text-ok' : toneText[severityLook[finding.severity].tone])} />
            <div className="min-w-0">
              <p className={classes('m-0 [overflow-wrap:anywhere]', finding.severity !== 'info' && 'font-semibold')}>{finding.message}</p>
              {finding.remedy && <p className="m-0 text-ink-2 [overflow-wrap:anywhere]">{finding.remedy}</p>}
              {decide?.(finding)}
            </div>
            <div className="col-start-2 sm:col-start-3">
              {passed ? <span className="sr-only">passed</span> : <SeverityBadge severity={finding.severity} />}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
