import { CircleCheck, CircleDashed, OctagonX, TriangleAlert } from 'lucide-react'
import { Link } from '#components/ui/link.tsx'
import { Time } from '#components/ui/time.tsx'
import { isFinished } from '#lib/domain/states.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { OperationView } from '#lib/domain/views.ts'

/** The last checks of the connection, newest first. */
export function CheckHistory({ checks }: { checks: OperationView[] }) {
  if (checks.length === 0) return null
  return (
    <div className="mt-4">
      <h3 className="m-0 mb-1 text-sm font-normal text-ink-2">Last checks</h3>
      <ul className="m-0 list-none p-0">
        {checks.map((check) => {
          const { icon: Icon, tone, words } = lookOf(check)
          return (
            <li key={check.id} className="flex items-start gap-2 py-1">
              <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
              <span className="min-w-0 grow [overflow-wrap:anywhere]">
                <Link href={`/operations/${check.id}`} quiet className="font-normal">
                  {words}
                </Link>
                {check.durationSeconds !== null && <span className="text-sm text-ink-3"> in {formatDuration(check.durationSeconds)}</span>}
              </span>
              <span className="text-sm text-ink-2">
                <Time at={check.createdAt} />
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function lookOf(check: OperationView) {
  const worst = check.findings.find((one) => one.severity === 'blocker') ?? check.findings.find((one) => one.severity === 'warning')
  if (!isFinished(check.state)) return { icon: CircleDashed, tone: 'text-run', words: 'under way' }
  if (check.error !== null) return { icon: OctagonX, tone: 'text-bad', words: check.error.message }
  if (worst === undefined) return { icon: CircleCheck, tone: 'text-ok', words: 'no problem found' }
  return worst.severity === 'blocker'
    ? { icon: OctagonX, tone: 'text-bad', words: worst.message }
    : { icon: TriangleAlert, tone: 'text-warn', words: worst.message }
}
