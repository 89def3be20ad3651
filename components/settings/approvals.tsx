'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { say } from '#components/ui/toaster.tsx'
import { setApprovals } from '#lib/client/mutations.ts'
import { approvalsQuery } from '#lib/client/queries.ts'

/** Must a second admin agree before a restore overwrites? */
export function Approvals({ admins }: { admins: number }) {
  const queryClient = useQueryClient()
  const { data } = useQuery(approvalsQuery())
  const required = data?.required ?? false
  const change = useStart(
    (_key) => setApprovals({ required: !required }),
    () => {
      say(required ? 'One admin is enough again' : 'A second admin must agree from now on')
      void queryClient.invalidateQueries({ queryKey: ['approvals'] })
    },
  )
  const reason = data === undefined ? 'It is being read.' : !required && admins < 2 ? 'There is one admin only: nobody could approve.' : null
  return (
    <Panel
      title="Restores that overwrite"
      say="When this is on, a second admin must agree before a live database or table is replaced. Whoever asked cannot approve."
    >
      <div className="flex flex-wrap items-center justify-between gap-3">
        <span role="status">{data === undefined ? 'Reading …' : required ? 'A second admin must agree.' : 'One admin is enough.'}</span>
        <Button pending={change.pending} reason={reason} onPress={() => void change.start()}>
          {required ? 'Let one admin be enough' : 'Ask for a second admin'}
        </Button>
      </div>
      <Refusal problem={change.problem} />
    </Panel>
  )
}
