import { CircleCheck, CircleSlash, GraduationCap, Hourglass, type LucideIcon } from 'lucide-react'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { scenarioWords } from '#lib/domain/runbooks/runbook.ts'
import type { RunbookOutcome } from '#lib/domain/states.ts'
import { formatCount, formatUtc } from '#lib/domain/units.ts'
import type { RunbookRunView } from '#lib/domain/views.ts'
import { runbookHref } from './runbook-href.ts'

const looks = {
  recovered: { tone: 'ok', icon: CircleCheck, word: 'recovered' },
  given_up: { tone: 'bad', icon: CircleSlash, word: 'given up' },
  exercise: { tone: 'idle', icon: GraduationCap, word: 'exercise' },
} satisfies Record<RunbookOutcome, { tone: Tone; icon: LucideIcon; word: string }>

export function RunBadge({ outcome }: { outcome: RunbookOutcome | null }) {
  const { tone, icon, word } = outcome === null ? { tone: 'run' as const, icon: Hourglass, word: 'under way' } : looks[outcome]
  return (
    <Chip tone={tone} icon={icon}>
      {word}
    </Chip>
  )
}

/** Runbooks that were followed: who, when, how far, with which evidence. */
export function PastRuns({ runs }: { runs: RunbookRunView[] }) {
  return (
    <Panel className="mt-4" title="Followed so far" flush>
      {runs.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">None yet. Practise one while nothing is wrong, and end it as an exercise.</p>
      ) : (
        <DataTable
          caption="Runbooks that were followed, newest first"
          rows={runs}
          rowKey={(row) => row.id}
          linked
          columns={[
            {
              id: 'what',
              header: 'Runbook',
              primary: true,
              cell: (row) => (
                <Link
                  quiet
                  stretched
                  label={`Record of ${scenarioWords[row.scenario].title}: ${row.database?.name ?? 'a database that is gone'}, begun ${formatUtc(row.begunAt, true)}`}
                  href={row.database === null ? '/runbooks' : runbookHref(row.scenario, row.database.id, row.id)}
                >
                  {scenarioWords[row.scenario].title}: {row.database?.name ?? 'a database that is gone'}
                </Link>
              ),
            },
            { id: 'outcome', header: 'Outcome', cell: (row) => <RunBadge outcome={row.outcome} /> },
            {
              id: 'begun',
              header: 'Begun',
              cell: (row) => (
                <>
                  <Time at={row.begunAt} as="utc" /> by {row.begunBy}
                </>
              ),
            },
            { id: 'ended', header: 'Ended', cell: (row) => <Ended run={row} /> },
            { id: 'steps', header: 'Done', align: 'end', cell: (row) => formatCount(row.steps.length, 'step') },
            {
              id: 'evidence',
              header: 'Evidence',
              align: 'end',
              cell: (row) => formatCount(row.steps.filter((one) => one.operation !== null).length, 'operation'),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function Ended({ run }: { run: RunbookRunView }) {
  if (run.endedAt === null) return <span className="text-ink-3">not yet</span>
  return (
    <>
      <Time at={run.endedAt} as="utc" /> by {run.endedBy}
      {run.note !== null && <span className="block max-w-[50ch] text-sm text-ink-2 [overflow-wrap:anywhere]">{run.note}</span>}
    </>
  )
}
