'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { type CheckGroup, countWords } from './check-filters.ts'
import { ChecksTable } from './checks-table.tsx'

/** The checks of one object. `folded`: among many groups one in which all is well takes one line, until it is opened. */
export function CheckGroupPanel({ group, folded }: { group: CheckGroup; folded: boolean }) {
  const [open, setOpen] = useState(false)
  const shut = folded && !open
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
      aside={
        <span className="flex flex-wrap items-center gap-2">
          {countWords(group.counts)}
          {folded && (
            <Button size="small" variant="plain" label={`${open ? 'Hide' : 'Show'} the checks of ${group.name}`} onPress={() => setOpen(!open)}>
              {open ? 'Hide' : 'Show'}
            </Button>
          )}
        </span>
      }
    >
      {!shut && <ChecksTable checks={group.checks} owner={group.name} />}
    </Panel>
  )
}
