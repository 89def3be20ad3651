'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { type CheckGroup, countWords } from './check-filters.ts'
import { ChecksTable } from './checks-table.tsx'

/** The checks of one object. `folded`: among many groups those that need nobody take one line that counts them, until it is opened. */
export function CheckGroupPanel({ group, folded }: { group: CheckGroup; folded: boolean }) {
  const [open, setOpen] = useState(false)
  const shown = folded && !open ? group.checks.filter((check) => check.statusNow === 'critical' || check.statusNow === 'warning') : group.checks
  const rest = (['unknown', 'ok'] as const).filter((status) => group.counts[status] > 0).map((status) => `${group.counts[status]} ${status}`)
  const act = open ? 'Hide the others' : `Show ${rest.join(' and ')}`
  return (
    <Panel
      flush
      title={
        group.href === null ? (
          group.name
        ) : (
          <Link href={group.href} quiet>
            {group.name}
          </Link>
        )
      }
      aside={countWords(group.counts)}
    >
      {shown.length > 0 && <ChecksTable checks={shown} owner={group.name} />}
      {folded && rest.length > 0 && (
        <p className={shown.length > 0 ? 'm-0 border-t border-line px-3 py-1.5' : 'm-0 px-3 pb-1.5'}>
          <Button size="small" variant="plain" label={`${act} of ${group.name}`} onPress={() => setOpen(!open)}>
            {act}
          </Button>
        </p>
      )}
    </Panel>
  )
}
