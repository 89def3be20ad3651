'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { AlertDialog } from '#components/ui/dialog.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { say } from '#components/ui/toaster.tsx'
import { decideApproval } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { OperationDetail } from '#lib/domain/views.ts'

/** What waits for a second person: who asked, and the two answers. Whoever asked sees that somebody else must answer. */
export function Approval({ operation, role, me }: { operation: OperationDetail; role: Role; me: string }) {
  const [asking, setAsking] = useState<'given' | 'refused' | null>(null)
  const queryClient = useQueryClient()
  const reason = !allows(role, 'restore.approve')
    ? reasonDenied('restore.approve')
    : operation.requestedName === me
      ? 'You asked for it yourself: another admin must answer.'
      : null
  return (
    <Panel title="Waits for a second person" say="Restores that overwrite need the word of another admin. Nothing begins before it.">
      <p className="m-0">
        {operation.requestedName} asked for this: <strong>{operation.title}</strong>.
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button reason={reason} onPress={() => setAsking('refused')}>
          Refuse it
        </Button>
        <Button variant="primary" reason={reason} onPress={() => setAsking('given')}>
          Approve it
        </Button>
      </div>
      <AlertDialog
        isOpen={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={asking === 'refused' ? `Refuse: ${operation.title}?` : `Approve: ${operation.title}?`}
        confirm={asking === 'refused' ? 'Refuse it' : 'Approve it'}
        cancel="Decide later"
        onConfirm={async () => {
          if (asking === null) return
          await decideApproval(operation.id, { approval: asking })
          say(asking === 'given' ? 'It was approved' : 'It was refused and will not begin')
          await queryClient.invalidateQueries({ queryKey: ['operations'] })
        }}
      >
        <p className="m-0">
          {asking === 'refused'
            ? 'The restore is cancelled. Nothing was touched.'
            : 'It begins as soon as its safety backup is verified, and writes over what is live.'}
        </p>
      </AlertDialog>
    </Panel>
  )
}
