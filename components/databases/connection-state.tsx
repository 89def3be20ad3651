import { CircleHelp, Plug, Unplug } from 'lucide-react'
import { Chip } from '#components/ui/chip.tsx'
import { Time } from '#components/ui/time.tsx'
import type { DatabaseView } from '#lib/domain/views.ts'

/** Whether the last check reached it. Never checked is not the same as reachable. */
export function ConnectionState({ database }: { database: Pick<DatabaseView, 'reachable' | 'problem' | 'checkedAt'> }) {
  const { reachable, problem, checkedAt } = database
  return (
    <>
      {reachable === null ? (
        <Chip tone="none" icon={CircleHelp}>
          not checked yet
        </Chip>
      ) : reachable ? (
        <Chip tone={problem === null ? 'ok' : 'warn'} icon={Plug}>
          {problem === null ? 'reachable' : 'reachable, with a problem'}
        </Chip>
      ) : (
        <Chip tone="bad" icon={Unplug}>
          not reachable
        </Chip>
      )}
      {checkedAt !== null && (
        <span className="block text-sm text-ink-2">
          <Time at={checkedAt} />
        </span>
      )}
    </>
  )
}
