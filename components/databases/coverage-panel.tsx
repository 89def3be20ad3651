import { CircleCheck, CircleDashed, CircleMinus } from 'lucide-react'
import { Panel } from '#components/ui/panel.tsx'
import { type Coverage, coverageOf } from '#lib/domain/coverage.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

/** What is in a backup of this database and what is not, so that nobody finds out on the worst day. */
export function CoveragePanel({ newest }: { newest: BackupDetail | null }) {
  const coverage = coverageOf(newest)
  return (
    <Panel
      title="What a backup covers"
      flush
      say={newest === null ? 'As it will be: there is no backup yet to look into.' : `Seen in ${newest.name}.`}
    >
      <ul className="m-0 list-none p-0">
        {coverage.map((one) => (
          <li key={one.what} className="grid grid-cols-[20px_minmax(0,1fr)_auto] gap-2.5 border-t border-line px-4 py-2.5 sm:px-[18px]">
            <Mark covered={one.in} />
            <div className="min-w-0">
              <p className="m-0 font-[550]">{one.what}</p>
              <p className="m-0 text-sm text-ink-2">{one.detail}</p>
            </div>
            <span className={`text-sm font-[550] ${one.in === true ? 'text-ok' : one.in === false ? 'text-ink-2' : 'text-ink-3'}`}>
              {wordFor(one.in)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Mark({ covered }: { covered: Coverage['in'] }) {
  if (covered === null) return <CircleDashed aria-hidden className="mt-0.5 size-4 text-ink-3" />
  return covered ? <CircleCheck aria-hidden className="mt-0.5 size-4 text-ok" /> : <CircleMinus aria-hidden className="mt-0.5 size-4 text-ink-3" />
}

function wordFor(covered: Coverage['in']): string {
  return covered === null ? 'not known yet' : covered ? 'in' : 'not in'
}
