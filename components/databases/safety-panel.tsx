import { DayStrip } from '#components/charts/day-strip.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatDuration } from '#lib/domain/units.ts'
import type { DatabaseSafety } from '#lib/domain/views.ts'

/** What would be lost and how long it would take, against the objectives. */
export function SafetyPanel({ safety }: { safety: DatabaseSafety }) {
  const { database, lossSeconds, objectiveMet, recoverySeconds, recoveryMeasuredFrom, places, lastFailure, running } = safety
  return (
    <Panel title="If it broke now">
      <Facts
        items={[
          {
            term: 'Lost',
            value: (
              <span className={objectiveMet ? '' : 'font-semibold text-bad'}>
                {lossSeconds === null ? 'everything: there is no restorable point' : formatDuration(lossSeconds)}
                <span className="block text-sm font-normal text-ink-2">objective: at most {formatDuration(database.rpoObjectiveSeconds)}</span>
              </span>
            ),
          },
          {
            term: 'Back in',
            value: (
              <>
                {recoverySeconds === null ? 'unmeasured' : `about ${formatDuration(recoverySeconds)}`}
                <span className="block text-sm text-ink-2">
                  {recoverySeconds === null
                    ? 'no restore has run yet'
                    : `median of ${recoveryMeasuredFrom} finished ${recoveryMeasuredFrom === 1 ? 'restore' : 'restores'}`}
                  ; objective {formatDuration(database.rtoObjectiveSeconds)}
                </span>
              </>
            ),
          },
          { term: 'Copies in', value: places.length === 0 ? 'no place' : places.join(', ') },
          { term: 'Last read back', value: <Time at={safety.verifiedAt} /> },
          { term: 'Last proven', value: <Time at={safety.provenAt} /> },
        ]}
      />
      <div className="mt-4">
        <p className="m-0 mb-1 text-sm text-ink-2">90 days of backups</p>
        <DayStrip strip={safety.strip} name={database.name} />
      </div>
      {running !== null && (
        <p className="m-0 mt-3">
          Now: <Link href={`/operations/${running.id}`}>{running.title}</Link>
        </p>
      )}
      {lastFailure !== null && (
        <div className="mt-3">
          <Problem title="The last backup failed" action={<Link href={`/operations/${lastFailure.operationId}`}>Open its log</Link>}>
            {lastFailure.message} (<Time at={lastFailure.at} />)
          </Problem>
        </div>
      )}
    </Panel>
  )
}
