'use client'

import { useQuery } from '@tanstack/react-query'
import { useRefresh } from '#components/follow/use-refresh.ts'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { say } from '#components/ui/toaster.tsx'
import { resumePruning } from '#lib/client/keeping.ts'
import { simulationQuery } from '#lib/client/queries.ts'
import type { RetentionView } from '#lib/domain/keeping-views.ts'
import { draftOf } from './draft-rules.ts'
import { verdictOf } from './simulation-words.ts'

/** The review: what the rules in force would delete, then the word that they may. Mounted while it is open. */
export function ResumePruning({ retention, onClose }: { retention: RetentionView; onClose: () => void }) {
  const refresh = useRefresh()
  const { data, isError } = useQuery(simulationQuery([...draftOf(retention.rules)], null))
  const reason =
    data !== undefined ? null : isError ? 'It could not be worked out what would go, so it cannot be reviewed.' : 'What would go is being worked out.'
  return (
    <AlertDialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title="Resume deleting by rule?"
      confirm="Resume deleting"
      cancel="Stay paused"
      reason={reason}
      onConfirm={async () => {
        await resumePruning()
        say('Deleting by rule is on again')
        refresh()
      }}
    >
      {data === undefined ? (
        <Skeleton className="h-5 w-full" />
      ) : (
        <p className="m-0" role="status">
          {verdictOf(data)} The last verified backup of each database always stays, and so does what a hold, a duty or a lock keeps.
        </p>
      )}
    </AlertDialog>
  )
}
